/** One thing that a refused request still lacks. */
export interface Reason {
  /** the stage that would mend it, such as `dryRun` */
  readonly stage: string;
  readonly code: string;
  /** in words that a person understands */
  readonly message: string;
}

/**
 * A request that the server refuses: what happened, with a stable `code`, and what to do next.
 * Whatever else is thrown while a request is answered is our fault and becomes a 500.
 */
export class ServerError extends Error {
  readonly hint?: string;
  readonly reasons?: readonly Reason[];

  constructor(
    /** the HTTP status that fits */
    readonly status: number,
    readonly code: string,
    message: string,
    more: { readonly hint?: string; readonly reasons?: readonly Reason[]; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.name = "ServerError";
    if (more.hint !== undefined) this.hint = more.hint;
    if (more.reasons !== undefined) this.reasons = more.reasons;
  }
}

/** Whether an error is the operating system's, with one of these codes (`ENOENT`, `EEXIST`, …). */
export function isSystemError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
