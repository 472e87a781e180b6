import { cellFingerprint, type FingerprintParts } from "./cell-fingerprint.ts";
import type { CompiledCell } from "./compiled-cell.ts";
import { jsonDigest } from "./sha256.ts";
import { digestOfToken, hashOf, isOpaque, type ValueToken } from "./value-token.ts";

/** An input of a run, as its record keeps it. */
export interface RecordedInput {
  readonly name: string;
  /** what the value was, as far as telling it from others goes */
  readonly token: ValueToken;
  /** the run that gave the value; absent for builtins and globals */
  readonly from?: FingerprintRecord | undefined;
  readonly isBuiltin: boolean;
}

/** Where an input's value comes from: a variable. */
export interface InputSource {
  readonly token: ValueToken;
  /** the runs of the cell that defines it, if a cell does */
  readonly given?: { readonly last: FingerprintRecord | undefined } | undefined;
}

/** The builtins that cells may use, and the version of them all. */
export interface KnownBuiltins {
  readonly names: ReadonlySet<string>;
  readonly version: string;
}

// another page, or this one opened again, counts from elsewhere
const firstSerial = Math.floor(Math.random() * 2 ** 31) * 2 ** 21;
let runs = 0;

/** How often something was added to what a fingerprint had been taken of. */
let additions = 0;

/**
 * What a run was made of, kept beyond the run itself: enough for its fingerprint, none of its
 * values. The digests are computed when somebody asks, because they cost more than most cells.
 */
export class FingerprintRecord {
  /** part of the fingerprint of a cell that is not a function of its inputs: no two runs share it */
  private readonly order = ++runs;
  private files: Map<string, string> | undefined;
  /** whether the run was given a URL that is good for this opening of the workbook alone */
  hasPassingUrl = false;
  private changing: Map<string, "input" | "stream"> | undefined;
  /** the fingerprint, which holds as long as nothing is added here or where the inputs come from */
  private taken: { readonly fingerprint: string; readonly additions: number } | undefined;

  /** another for most other inputs, and the same for equal ones */
  readonly hash: number;
  /** what the inputs' values were, as far as telling them from others goes */
  private readonly tokens: readonly ValueToken[];
  /** the runs that gave them; only where a value has no digest, for else it does not matter which */
  private readonly from: readonly (FingerprintRecord | undefined)[] | undefined;

  /**
   * @param names of the inputs
   * @param sources what gives their values, in the same order
   */
  constructor(
    private readonly compiled: CompiledCell,
    readonly names: readonly string[],
    private readonly sources: readonly InputSource[],
    private readonly builtins: KnownBuiltins,
  ) {
    let hasOpaque = false;
    let hash = 0;
    this.tokens = sources.map(({ token }) => {
      hasOpaque ||= isOpaque(token);
      hash = (Math.imul(hash, 31) + hashOf(token)) | 0;
      return token;
    });
    this.hash = hash;
    this.from = hasOpaque ? sources.map(giverOf) : undefined;
  }

  private get serial(): number {
    return firstSerial + this.order;
  }

  /** What it read, in the order of its names. */
  get inputs(): readonly RecordedInput[] {
    return this.names.map((name, i) => {
      const from = this.giver(i);
      const isBuiltin = from === undefined && this.builtins.names.has(name);
      return { name, token: this.tokens[i], from, isBuiltin };
    });
  }

  /** Names of globals that it read. */
  get globals(): readonly string[] {
    return this.names.filter(
      (name, i) => this.giver(i) === undefined && !this.builtins.names.has(name),
    );
  }

  /** The cell that ran. */
  get cell(): number {
    return this.compiled.cell.id;
  }

  /** Whether it has read a file. */
  get readsFiles(): boolean {
    return this.files !== undefined;
  }

  /** SHA-256 of the files that the run has read, by path. */
  get readFiles(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.files ?? []);
  }

  /** Whether a run of the same code on these inputs would be the same. */
  fits(names: readonly string[], inputs: readonly InputSource[]): boolean {
    const { tokens } = this;
    if (tokens.length !== inputs.length) return false;
    for (let i = 0; i < tokens.length; i++)
      if (!Object.is(tokens[i], inputs[i]?.token)) return false;
    return names === this.names || names.every((name, i) => name === this.names[i]);
  }

  /** Adds a file that the run read, also after it came to its end. */
  addFile(path: string, digest: string, how?: { readonly passesUrl: boolean }): void {
    (this.files ??= new Map()).set(path, digest);
    if (how?.passesUrl === true) this.hasPassingUrl = true;
    if (this.taken !== undefined) additions++;
  }

  /**
   * Says that a name that the run defines has one value after another: what a person sets in an
   * input, or what a generator or a stage gives.
   */
  addChanging(name: string, by: "input" | "stream"): void {
    (this.changing ??= new Map()).set(name, by);
    if (this.taken !== undefined) additions++;
  }

  /** Whether a person sets in an input what a name stands for. */
  isSetByPerson(name: string): boolean {
    return this.changing?.get(name) === "input";
  }

  /** The fingerprint of the run, as far as it has come. */
  fingerprint(): string {
    if (this.taken?.additions !== additions)
      this.taken = { fingerprint: cellFingerprint(this.parts()), additions };
    return this.taken.fingerprint;
  }

  /** What the fingerprint is made of. */
  parts(): FingerprintParts {
    const { cell, codeDigest, volatile, references } = this.compiled;
    const { inputs } = this;
    const digests = inputs.map((input) => [input.name, inputDigest(input)] as const);
    // the engine that answers SQL is a builtin too
    const usesBuiltins = references !== undefined || inputs.some(({ isBuiltin }) => isBuiltin);
    return {
      mode: cell.mode,
      code: codeDigest,
      inputs: Object.fromEntries(digests),
      files: this.readFiles,
      ...(usesBuiltins ? { builtins: this.builtins.version } : {}),
      ...(volatile ? { serial: this.serial } : {}),
    };
  }

  private giver(input: number): FingerprintRecord | undefined {
    return this.from === undefined ? giverOf(this.sources[input]) : this.from[input];
  }

  /** What stands for a value that has no digest: the run, and which of its values where it gives many. */
  valueName({ name, token }: RecordedInput): string {
    const fingerprint = this.fingerprint();
    return this.changing?.has(name) === true
      ? jsonDigest([fingerprint, this.serial, String(token)])
      : fingerprint;
  }
}

function giverOf(source: InputSource | undefined): FingerprintRecord | undefined {
  return source?.given?.last;
}

function inputDigest(input: RecordedInput): string {
  const digest = digestOfToken(input.token) ?? input.from?.valueName(input);
  return digest ?? `${input.isBuiltin ? "builtin" : "global"}:${input.name}`;
}
