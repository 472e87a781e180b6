import { cellFingerprint, type FingerprintParts } from "./cell-fingerprint.ts";
import type { CompiledCell } from "./compiled-cell.ts";
import { jsonDigest } from "./sha256.ts";
import { digestOfToken, valueToken, type ValueToken } from "./value-token.ts";

/** An input of a run, as its record keeps it. */
export interface RecordedInput {
  readonly name: string;
  /** what the value was, as far as telling it from others goes */
  readonly token: ValueToken;
  /** the run that gave the value; absent for builtins and globals */
  readonly from?: FingerprintRecord | undefined;
  readonly isBuiltin: boolean;
}

/**
 * Records the inputs of a run that begins.
 *
 * @param giver the last run of the cell that defines a name, if a cell does
 * @param builtins the builtins by name
 */
export function recordInputs(
  names: readonly string[],
  values: readonly unknown[],
  giver: (name: string) => FingerprintRecord | undefined,
  builtins: object,
): readonly RecordedInput[] {
  return names.map((name, i) => {
    const from = giver(name);
    const isBuiltin = from === undefined && Object.hasOwn(builtins, name);
    return { name, token: valueToken(values[i]), from, isBuiltin };
  });
}

/**
 * What a run was made of, kept beyond the run itself: enough for its fingerprint, none of its
 * values. The digests are computed when somebody asks, because they cost more than most cells.
 */
export class FingerprintRecord {
  /** part of the fingerprint of a cell that is not a function of its inputs: no two runs share it */
  private readonly serial = performance.timeOrigin + performance.now();
  private files: Map<string, string> | undefined;
  private changing: Map<string, "input" | "stream"> | undefined;

  constructor(
    private readonly compiled: CompiledCell,
    readonly inputs: readonly RecordedInput[],
    /** the version of the builtins */
    private readonly builtins: string,
  ) {}

  /** The cell that ran. */
  get cell(): number {
    return this.compiled.cell.id;
  }

  /** Adds a file that the run read, also after it came to its end. */
  addFile(path: string, digest: string): void {
    (this.files ??= new Map()).set(path, digest);
  }

  /**
   * Says that a name that the run defines has one value after another: what a person sets in an
   * input, or what a generator or a stage gives.
   */
  addChanging(name: string, by: "input" | "stream"): void {
    (this.changing ??= new Map()).set(name, by);
  }

  /** Whether a person sets in an input what a name stands for. */
  isSetByPerson(name: string): boolean {
    return this.changing?.get(name) === "input";
  }

  /** The fingerprint of the run, as far as it has come. */
  fingerprint(): string {
    return fingerprintOf(this, new Map());
  }

  /** What the fingerprint is made of. */
  parts(known = new Map<FingerprintRecord, string>()): FingerprintParts {
    const { cell, codeDigest, volatile, references } = this.compiled;
    const inputs = this.inputs.map((input) => [input.name, inputDigest(input, known)] as const);
    // the engine that answers SQL is a builtin too
    const usesBuiltins = references !== undefined || this.inputs.some(({ isBuiltin }) => isBuiltin);
    return {
      mode: cell.mode,
      code: codeDigest,
      inputs: Object.fromEntries(inputs),
      files: Object.fromEntries(this.files ?? []),
      ...(usesBuiltins ? { builtins: this.builtins } : {}),
      ...(volatile ? { serial: this.serial } : {}),
    };
  }

  /** What stands for a value that has no digest: the run, and which of its values where it gives many. */
  valueName({ name, token }: RecordedInput, known: Map<FingerprintRecord, string>): string {
    const fingerprint = fingerprintOf(this, known);
    return this.changing?.has(name) === true
      ? jsonDigest([fingerprint, this.serial, String(token)])
      : fingerprint;
  }
}

/** Each run's fingerprint is computed once, however many ways lead to it. */
function fingerprintOf(record: FingerprintRecord, known: Map<FingerprintRecord, string>): string {
  let fingerprint = known.get(record);
  if (fingerprint === undefined) {
    fingerprint = cellFingerprint(record.parts(known));
    known.set(record, fingerprint);
  }
  return fingerprint;
}

function inputDigest(input: RecordedInput, known: Map<FingerprintRecord, string>): string {
  const digest = digestOfToken(input.token) ?? input.from?.valueName(input, known);
  return digest ?? `${input.isBuiltin ? "builtin" : "global"}:${input.name}`;
}
