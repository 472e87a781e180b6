import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { siteFileName, siteSchema } from "../../cells/share/site.ts";
import { isSystemError, ServerError } from "../server-error.ts";

/** All that lies in a site's folder. */
const siteEntries: readonly string[] = [
  siteFileName,
  "index.html",
  "frame.html",
  "frame-links.json",
  "assets",
  "s",
  "_headers",
  ".nojekyll",
];

/**
 * Refuses a folder that a site must not replace: one that is there and is anything but a site, or a
 * site to which somebody has added something.
 *
 * @throws {ServerError} 409 `out`
 */
export async function checkSiteFolder(folder: string): Promise<void> {
  const found = await lstat(folder).catch((error: unknown) => {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw error;
  });
  if (found === undefined) return;
  if (!found.isDirectory()) throw refused(`${folder} is not a folder`);
  const entries = await readdir(folder);
  if (entries.length === 0) return;
  if (!(await isSite(folder))) throw refused(`${folder} is there and is not a site of Tierbook's`);
  const other = entries.find((entry) => !siteEntries.includes(entry));
  if (other !== undefined)
    throw refused(`${folder} holds ${other}, which would be lost with the site that is there`);
}

/**
 * Makes a site's folder, or replaces the one that is there. It is filled under another name beside
 * its place, so what is served is the old site or the new one.
 *
 * @param fill returns whether the site is to be; if not, nothing is changed
 */
export async function makeSiteFolder(
  folder: string,
  fill: (temporary: string) => Promise<boolean>,
): Promise<boolean> {
  await checkSiteFolder(folder);
  await mkdir(dirname(folder), { recursive: true });
  const beside = join(dirname(folder), `.${basename(folder)}-${randomBytes(6).toString("hex")}`);
  await mkdir(beside);
  try {
    if (!(await fill(beside))) return false;
    await checkSiteFolder(folder);
    const old = `${beside}-old`;
    const hasOld = await renamed(folder, old);
    await rename(beside, folder);
    if (hasOld) await rm(old, { recursive: true, force: true });
    return true;
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

async function isSite(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, siteFileName), "utf8").catch(() => "");
  return v.safeParse(v.pipe(v.string(), v.parseJson(), siteSchema), text).success;
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return false;
    throw error;
  }
}

function refused(message: string): ServerError {
  return new ServerError(409, "out", message, {
    hint: "name another folder with --out; only a site as `tierbook build` made it is replaced",
  });
}
