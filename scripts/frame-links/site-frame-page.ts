import { createHash } from "node:crypto";
import { siteFramePolicy } from "../../server/security-headers.ts";

/**
 * The page of the workbook's frame in a static site: nothing but the loader, and a policy that lets
 * the frame ask nobody for anything.
 */
export function siteFramePage(script: string): string {
  if (/<\/script|<!--/i.test(script))
    throw new Error("the loader of a site's frame holds what would end its own element");
  const digest = createHash("sha256").update(script).digest("base64");
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${siteFramePolicy(`'sha256-${digest}'`)}" />
    <meta http-equiv="x-dns-prefetch-control" content="off" />
    <meta name="referrer" content="no-referrer" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Workbook</title>
  </head>
  <body class="workbook"><script>${script}</script></body>
</html>
`;
}
