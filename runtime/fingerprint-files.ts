/**
 * The member under which the result of a query says which files it read: SHA-256 of each file's
 * bytes, by the path as the query names it.
 */
export const filesKey: unique symbol = Symbol.for("tierbook.files");

/** A value that knows which files it was made from. */
export interface FromFiles {
  readonly [filesKey]: Readonly<Record<string, string>>;
}

/** The member under which a builtin gives each run a version of itself that tells what it reads. */
export const fileReaderKey: unique symbol = Symbol.for("tierbook.file-reader");

/** A builtin through which cells read files, such as `FileAttachment`. */
export interface FileReader {
  /**
   * The builtin for one run.
   *
   * @param read to be called with path and SHA-256 of each file that is read, whenever it is
   */
  readonly [fileReaderKey]: (read: FileListener) => unknown;
}

/**
 * Hears which file was read: its path and SHA-256 of its bytes; and whether the cell was given a URL of
 * it, which may be good for this opening of the workbook alone.
 */
export type FileListener = (
  path: string,
  digest: string,
  how?: { readonly passesUrl: boolean },
) => void;

/** The files that a value says it was made from; none where it says nothing. */
export function filesOf(value: unknown): Readonly<Record<string, string>> {
  return isFromFiles(value) ? value[filesKey] : {};
}

/** What a run gets for a value: its own version of a builtin that reads files, else the value. */
export function readerFor(value: unknown, read: FileListener): unknown {
  return isFileReader(value) ? value[fileReaderKey](read) : value;
}

function isFromFiles(value: unknown): value is FromFiles {
  return typeof value === "object" && value !== null && filesKey in value;
}

function isFileReader(value: unknown): value is FileReader {
  return typeof value === "function" && fileReaderKey in value;
}
