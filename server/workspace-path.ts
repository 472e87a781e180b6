import { lstat, realpath } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { isSystemError, ServerError } from "./server-error.ts";

/** The folder in a workspace where Tierbook keeps its state; never reachable as a file. */
export const stateFolder = ".tierbook";

/**
 * The real path of a workspace file, which need not exist, for a path that anybody may have made up:
 * segments between single slashes. Neither the path nor a symbolic link on it may lead out of the
 * workspace or into its state.
 *
 * @param root the workspace's real path
 * @throws {ServerError} 400 `path`
 */
export async function workspacePath(root: string, path: string): Promise<string> {
  const segments = path.split("/");
  for (const segment of segments) {
    if (segment === "" || segment === "." || segment === "..")
      throw wrongPath(path, `it has the segment “${segment}”`);
    if (/[\\\0-\x1f\x7f]/.test(segment))
      throw wrongPath(path, "it has a backslash or a control character");
    if (isStateFolder(segment)) throw wrongPath(path, `${stateFolder} is Tierbook's own`);
  }
  const real = await realTarget(resolve(root, ...segments), path);
  const inside = relative(root, real).split(sep);
  if (inside[0] === ".." || inside[0] === "" || resolve(root, ...inside) !== real)
    throw wrongPath(path, "a link on it leads out of the workspace");
  if (inside.some(isStateFolder)) throw wrongPath(path, `${stateFolder} is Tierbook's own`);
  return real;
}

/** As some file systems see it: without case, and without the dots and spaces at the end. */
function isStateFolder(segment: string): boolean {
  return (
    segment
      .normalize("NFKC")
      .toLowerCase()
      .replace(/[. ]+$/, "") === stateFolder
  );
}

/** The real path of what exists, and of the deepest folder that does for what does not. */
async function realTarget(path: string, given: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isSystemError(error, "ELOOP")) throw wrongPath(given, "a link on it leads to itself");
    if (!isSystemError(error, "ENOENT", "ENOTDIR") || dirname(path) === path) throw error;
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
