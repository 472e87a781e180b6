import { commonHeaders, frameGuards, pageGuards } from "../security-headers.ts";

/**
 * A site's `_headers`, which Netlify, Cloudflare Pages and others read where the folder is the root
 * of a host: what the documents cannot say themselves. Other hosts serve it as a file like any.
 */
export function siteHeaders(): string {
  const page = { ...pageGuards, "Content-Security-Policy": "frame-ancestors 'none'" };
  const rules: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "/*": commonHeaders,
    "/": page,
    "/index.html": page,
    "/frame.html": {
      ...frameGuards,
      "Content-Security-Policy": "sandbox allow-scripts allow-forms; frame-ancestors 'self'",
    },
    "/assets/*": { "Cache-Control": "public, max-age=31536000, immutable" },
  };
  return Object.entries(rules)
    .map(([path, headers]) =>
      [path, ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`), ""].join(
        "\n",
      ),
    )
    .join("\n");
}
