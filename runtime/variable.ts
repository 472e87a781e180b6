import type { FingerprintHistory } from "./fingerprint-history.ts";
import type { Stream } from "./stream.ts";
import { isOpaque, valueToken, type ValueToken } from "./value-token.ts";

/** What reads variables: it is touched when one of them changes, and looks for itself then. */
export interface Reader {
  touch(): void;
}

/**
 * What a name stands for now: nothing yet, a value, or the error that keeps it from having one. A
 * value that equals the one before is no change: readers are not touched for it.
 */
export class Variable {
  state: "pending" | "value" | "error" = "pending";
  value: unknown;
  error: unknown;
  /** what its readers wait for, where the cell that defines it waits for a person */
  wait: string | undefined;
  /** replaced as a whole whenever the graph is placed anew */
  readers: Reader[] = [];
  /** what gave the value, and which of its values it is: what comes again from there is the same */
  private source: object | undefined;
  private version = 0;
  private known: ValueToken;
  private isKnown = false;

  /** @param given the runs of the cell that defines it, if a cell does */
  constructor(
    readonly name: string,
    readonly given?: FingerprintHistory,
  ) {}

  /** What tells the value from others; taken when somebody first asks. */
  get token(): ValueToken {
    if (!this.isKnown) {
      this.known = this.findToken();
      this.isKnown = true;
    }
    return this.known;
  }

  /** Takes a value; `source` and `version` say which one, so that it costs nothing to give it again. */
  give(value: unknown, source: object, version = 0): void {
    if (this.state === "value" && this.source === source && this.version === version) return;
    this.source = source;
    this.version = version;
    const isEqual = this.state === "value" && this.isKnown && this.equals(value);
    this.value = value;
    if (isEqual) return;
    this.state = "value";
    this.error = undefined;
    this.isKnown = false;
    this.tell();
  }

  /** Takes the newest of what a stream gives, or its failure. */
  follow(stream: Stream): void {
    const { failure } = stream;
    if (failure !== undefined) this.fail(failure.error);
    else if (stream.version === 0) this.pend();
    else this.give(stream.latest, stream, stream.version);
  }

  /** There is no value as yet, or it is not known whether the old one still holds. */
  pend(): void {
    if (this.state === "pending") return;
    this.state = "pending";
    this.tell();
  }

  /** There is none, for this reason. */
  fail(error: unknown): void {
    if (this.state === "error" && this.error === error) return;
    this.state = "error";
    this.error = error;
    this.tell();
  }

  /** Touches what reads it. */
  tell(): void {
    for (const reader of this.readers) reader.touch();
  }

  private equals(value: unknown): boolean {
    const before = this.known;
    this.value = value;
    return Object.is((this.known = this.findToken()), before);
  }

  /** A value that comes back is what it was, though another cell may have given it on as its own. */
  private findToken(): ValueToken {
    const { source, name, version, value } = this;
    const before = source === undefined ? undefined : opaqueTokens.get(source)?.get(name);
    if (before?.version === version) return before.token;
    const token = valueToken(value);
    if (source === undefined || !isOpaque(token)) return token;
    let tokens = opaqueTokens.get(source);
    if (tokens === undefined) opaqueTokens.set(source, (tokens = new Map()));
    tokens.set(name, { version, token });
    return token;
  }
}

/** Of what gave values without a digest: by name, the token of the newest that somebody asked for. */
const opaqueTokens = new WeakMap<
  object,
  Map<string, { readonly version: number; readonly token: ValueToken }>
>();
