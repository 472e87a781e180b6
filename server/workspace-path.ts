import { lstat, realpath } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { isSystemError, ServerError } from "./server-error.ts";

/** The folder in a workspace where Tierbook keeps its state; never reachable as a file. */
export const stateFolder = ".tierbook";

/**
 * The real path of a workspace file, which need not exist, for a path that anybody may have made up:
 * segments between single slashes. Neither the path nor a symbolic link on it may lead out of the
 * workspace or to anything hidden, Tierbook's own state among it.
 *
 * @param root the workspace's real path
 * @throws {ServerError} 400 `path`
 */
export async function workspacePath(root: string, path: string): Promise<string> {
  const segments = path.split("/");
  for (const segment of segments) {
    if (segment === "" || segment === "." || segment === "..")
      throw wrongPath(path, `it has the segment “${segment}”`);
    if (/[\\\p{Cc}]/u.test(segment))
      throw wrongPath(path, "it has a backslash or a control character");
    if (isHidden(segment)) throw wrongPath(path, `${segment} is hidden`);
  }
  const real = await realTarget(resolve(root, ...segments), path);
  const inside = relative(root, real).split(sep);
  if (inside[0] === ".." || inside[0] === "" || resolve(root, ...inside) !== real)
    throw wrongPath(path, "a link on it leads out of the workspace");
  if (inside.some(isHidden)) throw wrongPath(path, "a link on it leads to something hidden");
  return real;
}

/**
 * A workbook's one name, whatever links lead to it: its real path from the workspace's root, with
 * slashes.
 *
 * @throws {ServerError} 400 `path`
 */
export async function workbookName(root: string, path: string): Promise<string> {
  return relative(root, await workspacePath(root, path))
    .split(sep)
    .join("/");
}

/**
 * Our own state is, and so are the places where people keep secrets and version control its own.
 * Some file systems take several characters for a dot, or do not see characters that nobody sees.
 */
function isHidden(segment: string): boolean {
  return segment
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .startsWith(".");
}

/** The real path of what exists, and of the deepest folder that does for what does not. */
async function realTarget(path: string, given: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isSystemError(error, "ELOOP")) throw wrongPath(given, "a link on it leads to itself");
    if (isSystemError(error, "ENAMETOOLONG")) throw wrongPath(given, "it is too long");
    if (isSystemError(error, "ENOTDIR")) throw wrongPath(given, "it goes through a file");
    if (!isSystemError(error, "ENOENT") || dirname(path) === path) throw error;
    await refuseDanglingLink(path, given);
    return join(await realTarget(dirname(path), given), path.slice(dirname(path).length + 1));
  }
}

/** Writing through a link to nothing would make a file wherever it points. */
async function refuseDanglingLink(path: string, given: string): Promise<void> {
  const entry = await lstat(path).catch(() => undefined);
  if (entry?.isSymbolicLink() === true) throw wrongPath(given, "a link on it leads nowhere");
}

function wrongPath(path: string, why: string): ServerError {
  return new ServerError(
    400,
    "path",
    `${JSON.stringify(path)} is no path in the workspace: ${why}`,
    {
      hint: "name a file in the workspace by its path from there, such as data/penguins.csv",
    },
  );
}
