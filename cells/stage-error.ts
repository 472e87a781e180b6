/** A stage that failed; it names all that is wrong, because the person mends it all at once. */
export class StageError extends Error {
  constructor(
    message: string,
    /**
     * `schema`, `sample`, `plan`, `dry-run`, `run-failed`, `run-cancelled`, `run-lost` for what a
     * stage found; `argument` for a call that cannot be meant
     */
    readonly code: string,
    /** what to do next, where we know it */
    readonly hint?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "StageError";
  }
}
