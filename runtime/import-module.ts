/** Gives the namespace of a module that a cell imports. */
export type ImportModule = (specifier: string) => Promise<object>;

/** A module that a cell asks for and does not get. */
export class ImportError extends Error {
  readonly code = "no-import";
  /** what to do instead */
  readonly hint: string;
  constructor(
    readonly specifier: string,
    message: string,
    hint: string,
  ) {
    super(message);
    this.name = "ImportError";
    this.hint = hint;
  }
}

/**
 * Imports a module by an absolute URL. Package names (`npm:d3`, `jsr:…`, `d3`) would have to come
 * from a CDN, and nothing ever does; a relative path has nothing to be relative to.
 *
 * @throws {ImportError} for every other specifier
 */
export const importModule: ImportModule = async (specifier) => {
  if (/^(?:https?|data|blob|file|node):/.test(specifier)) {
    const module: unknown = await import(/* @vite-ignore */ specifier);
    if (typeof module === "object" && module !== null) return module;
  }
  throw new ImportError(
    specifier,
    `"${specifier}" cannot be imported: a workbook must work without a network`,
    "Plot, d3, Inputs, html and svg are there by name, without an import. " +
      "Other modules are imported by a full URL, where the workbook may use the network.",
  );
};

/** Imports a module and checks that it has the names that the cell takes from it. */
export async function importNames(
  load: ImportModule,
  specifier: unknown,
  names: readonly string[] = [],
): Promise<object> {
  const module = await load(String(specifier));
  const missing = names.find((name) => !(name in module));
  if (missing === undefined) return module;
  const known = Object.keys(module).slice(0, 12).join(", ");
  throw new ImportError(
    String(specifier),
    `"${String(specifier)}" does not export ${missing}`,
    `It exports ${known || "nothing"}.`,
  );
}
