import type { CellError } from "./cell.ts";

/** An error of a cell as it travels through the graph; `fault` is what the person reads. */
export class CellFault extends Error {
  constructor(
    readonly fault: CellError,
    options?: ErrorOptions,
  ) {
    super(fault.message, options);
    this.name = fault.name;
  }
}

/** What a body threw, with where in the cell's source it was thrown. */
export function faultOf(
  error: unknown,
  place: { readonly line?: number; readonly column?: number },
): CellError {
  if (error instanceof CellFault) return error.fault;
  const base =
    error instanceof Error
      ? { name: error.name || "Error", message: error.message || error.name }
      : { name: "Error", message: `the cell threw ${describe(error)}, which is no Error` };
  return {
    ...place,
    ...base,
    ...textMember(error, "code"),
    ...textMember(error, "hint"),
    cause: error,
  };
}

/** Why a cell that reads `name` cannot run: the cell that should give it failed. */
export function blockedFault(
  name: string,
  by: { readonly id: number; readonly error: CellError | undefined; readonly disabled: boolean },
): CellError {
  const why = by.disabled
    ? "its cell is disabled"
    : lowerFirst(by.error?.message ?? "its cell has no value");
  const message =
    by.error !== undefined && !by.disabled && isNotRun(by.error)
      ? notRunOf(`\`${name}\``, by.error)
      : `\`${name}\` ${by.disabled ? "is missing" : "failed"}: ${why}`;
  return {
    name: "BlockedError",
    code: "blocked",
    message,
    blockedBy: { id: by.id, name },
    ...(by.error === undefined ? {} : { cause: by.error.cause ?? by.error }),
  };
}

/** Why a cell that the person disabled does not run. */
export const disabledFault: CellError = {
  name: "DisabledError",
  code: "disabled",
  message: "The cell is disabled",
  hint: "Enable it to run it",
};

/**
 * Why a cell in another language has no value: it is there to be read, and nobody here runs it.
 *
 * @param language as people call it, such as `Python`
 */
export function notRunFault(language: string): CellError {
  return {
    name: "Error",
    code: "not-run",
    message: `This cell needs a machine with ${language} and is not run by Tierbook`,
  };
}

/** Whether a cell has no value because cells of its language are not run, which is no failure. */
export function isNotRun(error: { readonly code?: string } | undefined): boolean {
  return error?.code === "not-run";
}

/** A {@link notRunFault} as its readers tell it, of the name that they miss. */
export function notRunOf(name: string, { message }: { readonly message: string }): string {
  return message.replace(/^This cell\b/, () => name);
}

/** What becomes of a cell that the person cancelled. */
export const cancelledFault: CellError = {
  name: "CancelledError",
  code: "cancelled",
  message: "The cell was cancelled",
  hint: "Run it again",
};

/** Why `view` cannot give the values of what it was given. */
export function notAnInputFault(value: unknown): CellError {
  const what =
    value === null || value === undefined
      ? String(value)
      : typeof value === "object"
        ? `a ${value.constructor?.name ?? "plain object"}`
        : `a ${typeof value}`;
  return {
    name: "TypeError",
    code: "not-an-input",
    message: `view needs an input element or a stage, not ${what}`,
    hint: "Use display(…) for what has no value to give, or Inputs.… for an input",
  };
}

/** Why SQL does not run where nobody runs it. */
export const noSqlFault: CellError = {
  name: "Error",
  code: "no-database",
  message: "There is no database here to run SQL",
};

function textMember(error: unknown, key: "code" | "hint"): { readonly [key: string]: string } {
  const value: unknown =
    typeof error === "object" && error !== null ? Reflect.get(error, key) : undefined;
  return typeof value === "string" ? { [key]: value } : {};
}

function describe(value: unknown): string {
  try {
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  } catch {
    return "something";
  }
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
