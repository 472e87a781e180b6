/** A file's name without its folders. */
export function nameFromPath(path: string): string {
  return path.split("/").at(-1) ?? path;
}

/** What a workbook is called where it has no title: its file's name without the ending. */
export function titleFromPath(path: string): string {
  return nameFromPath(path).replace(/\.html?$/i, "");
}
