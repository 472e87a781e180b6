import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import * as v from "valibot";
import { htmlText } from "../../cells/report/html-text.ts";
import { siteFileName, siteMetaName } from "../../cells/share/site.ts";
import { sitePagePolicy } from "../security-headers.ts";
import { ServerError } from "../server-error.ts";
import { siteHeaders } from "./site-headers.ts";

/** What of the links of the frame's parts matters here. */
const packedSchema = v.object({ packed: v.array(v.pipe(v.string(), v.regex(/^\w[\w.-]*$/))) });

/**
 * Puts the page into a site's folder, so that it works on a host that knows nothing but files: what
 * the server says in headers stands in the documents.
 *
 * @param page the built page's folder
 * @throws {ServerError} 503 `not-built`
 */
export async function writeSitePage(page: string, folder: string, title: string): Promise<void> {
  const read = (name: string): Promise<string> => readBuilt(page, name);
  const links = await read("frame-links.json");
  const { packed } = v.parse(v.pipe(v.string(), v.parseJson(), packedSchema), links);
  await writeFile(join(folder, "index.html"), sitePage(await read("index.html"), title));
  await writeFile(join(folder, "frame.html"), await read("site-frame.html"));
  await writeFile(join(folder, "frame-links.json"), links);
  await writeFile(join(folder, "_headers"), siteHeaders());
  // GitHub Pages would leave out what begins with an underscore
  await writeFile(join(folder, ".nojekyll"), "");
  const assets = join(folder, "assets");
  await mkdir(assets);
  for (const name of await readdir(join(page, "assets"))) {
    const from = join(page, "assets", name);
    if (packed.includes(name)) await pack(from, join(assets, `${name}.gz`));
    // compressed copies are the server's, and every browser that can run the page reads WOFF2
    else if (!/\.(?:br|gz|ttf|woff)$/.test(name)) await copyFile(from, join(assets, name));
  }
}

/** The shell's page, which learns from it that it is a site's. */
function sitePage(html: string, title: string): string {
  const start = '<meta charset="utf-8" />';
  if (!html.includes(start)) throw new Error("the page's document does not begin as expected");
  const metas = [
    `<meta http-equiv="Content-Security-Policy" content="${htmlText(sitePagePolicy())}" />`,
    `<meta name="referrer" content="no-referrer" />`,
    `<meta name="${siteMetaName}" content="${siteFileName}" />`,
  ];
  return html
    .replace(start, () => [start, ...metas].join("\n    "))
    .replace(/<title>[^<]*<\/title>/, () => `<title>${htmlText(title)}</title>`);
}

async function pack(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from), createGzip(), createWriteStream(to));
}

async function readBuilt(page: string, name: string): Promise<string> {
  return await readFile(join(page, name), "utf8").catch((cause: unknown) => {
    throw new ServerError(503, "not-built", "the page is not built", {
      hint: "run `npm run build`, then this again",
      cause,
    });
  });
}
