import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { Part, PublishedFile } from "../cells/share/publication.ts";
import type { CopiedFile, PublicationCopy } from "../cells/share/publishing.ts";
import { fileDigest } from "./blobs.ts";
import { copyDurably } from "./durable-file.ts";
import { holdCopy } from "./held-copies.ts";
import type { PublicPublication } from "./publications.ts";
import { ServerError } from "./server-error.ts";
import type { Workspace } from "./workspace.ts";
import { workbookName, workspacePath } from "./workspace-path.ts";

/** How many names are tried for a copy. */
const mostNames = 1_000;

/** What the names of data end in. A stranger names these files, so nothing that runs is among them. */
const dataEndings = new Set(
  (
    "arrow bin csv duckdb feather geojson gz json jsonl ndjson npy npz parquet safetensors sqlite " +
    "topojson tsv xlsx zip bmp gif jpeg jpg mp3 mp4 png tif tiff wav webp log md txt xml yaml yml"
  )
    .split(" ")
    .map((ending) => `.${ending}`),
);

/** Files that tools find by their names and obey. */
const obeyed =
  /(?:^|\/)(?:node_modules\/.*|(?:package(?:-lock)?|npm-shrinkwrap|tsconfig[^/]*|jsconfig|deno|composer|lerna|nx|turbo|vercel|bower|nodemon|angular|[^/]*\.config)\.json|[^/]*compose[^/]*\.ya?ml|pnpm-[^/]*\.yaml|CMakeLists\.txt|requirements[^/]*\.txt|(?:agents|claude|gemini)\.md|(?:taskfile|environment|[^/]*-pipelines)\.ya?ml|(?:pom|build)\.xml)$/i;

/**
 * Makes a workbook of one's own of a publication: under the first free name, with the results that it
 * has kept, and with its data wherever nothing is yet. Whatever is there stays as it is.
 *
 * @throws {ServerError} 400 `path` where its path is none for a workbook, 500 `publication` where a
 *   part is damaged
 */
export async function copyPublication(
  workspace: Workspace,
  found: PublicPublication,
): Promise<PublicationCopy> {
  const { publication } = found;
  await checkWorkbookPath(workspace, publication.path);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
    await readFile(await partOf(found, publication.workbook)),
  );
  const files: CopiedFile[] = [];
  for (const file of publication.files)
    files.push({ path: file.path, state: await copyFile(workspace, found, file) });
  const path = await writeUnderFreeName(workspace, publication.path, text);
  const { title } = publication;
  await holdCopy(workspace, path, { from: `“${title}”, which somebody published`, notes: [] });
  await copyResults(workspace, found, path).catch((error: unknown) =>
    console.error(`tierbook: ${path} has not all results of its publication: ${String(error)}`),
  );
  return { path, files };
}

async function copyResults(
  { root, results }: Workspace,
  found: PublicPublication,
  path: string,
): Promise<void> {
  const name = await workbookName(root, path);
  for (const { key, part } of found.publication.results)
    await results.put(name, key, await readFile(await partOf(found, part)));
}

/** What is wrong with it is known before anything is written. */
async function checkWorkbookPath({ root }: Workspace, path: string): Promise<void> {
  await workspacePath(root, path);
  if (!/\.html$/i.test(path))
    throw new ServerError(400, "path", `${path} is no name of a workbook, which ends in .html`);
}

async function writeUnderFreeName(
  { files }: Workspace,
  path: string,
  text: string,
): Promise<string> {
  for (let i = 0; i < mostNames; i++) {
    const name = i === 0 ? path : path.replace(/\.html$/i, `-copy${i === 1 ? "" : `-${i}`}$&`);
    try {
      await files.write(name, text, "nothing");
      return name;
    } catch (error) {
      if (!(error instanceof ServerError) || error.code !== "conflict") throw error;
    }
  }
  throw new ServerError(409, "conflict", `there are ${mostNames} copies of ${path} already`, {
    hint: "delete some of them",
  });
}

async function copyFile(
  { root, files }: Workspace,
  found: PublicPublication,
  { path, digest, bytes }: PublishedFile,
): Promise<CopiedFile["state"]> {
  if (!dataEndings.has(extname(path).toLowerCase()) || obeyed.test(path)) return "refused";
  const isWhole = bytes?.digest === digest;
  try {
    const real = await workspacePath(root, path);
    if (isWhole && (await copyDurably(await partOf(found, bytes), real))) return "written";
    return (await files.digest(path)) === digest ? "same" : "differs";
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    if (error.code === "path") return "refused";
    if (error.code !== "file") throw error;
    // no file, and yet something that is in the way
    return isWhole ? "differs" : "missing";
  }
}

/** Where a part lies, which is what its digest says. */
async function partOf(found: PublicPublication, { digest }: Part): Promise<string> {
  const path = found.part(digest);
  if (path !== undefined && (await fileDigest(path)) === digest) return path;
  throw new ServerError(500, "publication", `a part of this publication is damaged: ${digest}`, {
    hint: "ask whoever published it to publish it again",
  });
}
