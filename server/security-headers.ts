import { createHash } from "node:crypto";

/** On every answer. */
export const commonHeaders: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

/** On every answer of `/api`: for our own page only, never kept, and nothing by itself. */
export const apiHeaders: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Content-Security-Policy": policy({
    "default-src": "'none'",
    "frame-ancestors": "'none'",
    sandbox: "",
  }),
};

/** On what is published: as on `/api`, and never shown by itself. */
export const publishedHeaders: Readonly<Record<string, string>> = {
  ...apiHeaders,
  "Content-Disposition": "attachment",
};

/** On what an opaque origin, the workbook's frame, may read: files by capability, and assets. */
export const openHeaders: Readonly<Record<string, string>> = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "GET, HEAD",
  "Access-Control-Allow-Headers": "Range",
  "Access-Control-Expose-Headers": "Content-Length, Content-Range, Accept-Ranges, ETag",
  "Cross-Origin-Resource-Policy": "cross-origin",
};

/** What keeps others out of the shell's page, wherever it is served. */
export const pageGuards: Readonly<Record<string, string>> = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Permissions-Policy": [
    "camera",
    "display-capture",
    "geolocation",
    "hid",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
  ]
    .map((feature) => `${feature}=()`)
    .join(", "),
};

/**
 * What keeps the frame from the network where the Content Security Policy does not. It does not
 * cover WebRTC, `preconnect` and `dns-prefetch`, by which data could leave: the Connection Allowlist
 * does, where a browser knows it (Chromium from 152).
 */
export const frameGuards: Readonly<Record<string, string>> = {
  "Connection-Allowlist": "(response-origin)",
  "X-DNS-Prefetch-Control": "off",
};

/** On the shell's page: it holds the token, so it runs nothing but our own scripts. */
export const shellHeaders: Readonly<Record<string, string>> = {
  "Cache-Control": "no-cache",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  ...pageGuards,
  "Content-Security-Policy": policy(shellDirectives()),
};

/**
 * On the workbook's frame, which runs a stranger's code in an opaque origin. There `'self'` matches
 * nothing, so the server's origin is named; and of it only what the frame needs, never `/api`.
 */
export function frameHeaders(origin: string): Readonly<Record<string, string>> {
  const assets = `${origin}/assets/`;
  const files = `${origin}/b/`;
  return {
    "Cache-Control": "no-cache",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "cross-origin",
    ...frameGuards,
    "Content-Security-Policy": policy({
      sandbox: "allow-scripts allow-forms",
      "default-src": "'none'",
      "script-src": `${assets} 'unsafe-eval' 'wasm-unsafe-eval' blob:`,
      "script-src-attr": `'unsafe-hashes' ${listenerMarks()}`,
      "worker-src": "blob:",
      "connect-src": `${assets} ${files} ${origin}/duckdb-ext/ blob: data:`,
      "img-src": `${assets} ${files} data: blob:`,
      "style-src": `${assets} 'unsafe-inline'`,
      "font-src": `${assets} data:`,
      "frame-ancestors": origin,
      "form-action": "'none'",
      "base-uri": "'none'",
    }),
  };
}

/**
 * The policy of the shell's page in a static site, in a `<meta>`, where a host's headers say nothing.
 * Who may show the page in a frame cannot be said there; the page refuses by itself.
 */
export function sitePagePolicy(): string {
  const { "frame-ancestors": _, ...directives } = shellDirectives();
  return policy(directives);
}

/**
 * The policy of the workbook's frame in a static site, in a `<meta>`. All that the frame is made of
 * comes over a port, so it may ask nobody for anything, not even the site.
 *
 * @param loader the digest of the one script in the page
 */
export function siteFramePolicy(loader: string): string {
  return policy({
    "default-src": "'none'",
    "script-src": `${loader} 'unsafe-eval' 'wasm-unsafe-eval' blob:`,
    "script-src-attr": `'unsafe-hashes' ${listenerMarks()}`,
    "worker-src": "blob:",
    "connect-src": "blob: data:",
    "img-src": "data: blob:",
    "style-src": "'unsafe-inline'",
    "font-src": "data: blob:",
    "form-action": "'none'",
    "base-uri": "'none'",
  });
}

/**
 * htl marks the place of a listener with the attribute `onclick="::1"`, which is no script, and then
 * takes it away; without these the browser would complain of each. Scripts in attributes are not
 * allowed: in an `<iframe srcdoc>` they would run in a window that `lock-down.ts` has not seen.
 */
function listenerMarks(): string {
  return Array.from({ length: 24 }, (_, i) => {
    const digest = createHash("sha256")
      .update(`::${i + 1}`)
      .digest("base64");
    return `'sha256-${digest}'`;
  }).join(" ");
}

/** On assets. The policy is the one of workers that start from them, and of one opened by itself. */
export const assetHeaders: Readonly<Record<string, string>> = {
  ...openHeaders,
  "Cache-Control": "public, max-age=31536000, immutable",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Content-Security-Policy": policy({
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self'",
    "connect-src": "'self'",
  }),
};

/**
 * On files by capability. Whoever opens such an address by itself gets a document that can do
 * nothing, whatever is in it.
 */
export const capabilityHeaders: Readonly<Record<string, string>> = {
  ...openHeaders,
  "Cache-Control": "no-store",
  "Content-Security-Policy": policy({ "default-src": "'none'", sandbox: "" }),
};

function shellDirectives(): Readonly<Record<string, string>> {
  return {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self'",
    "connect-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "frame-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "tierbook tierbook-saved",
  };
}

function policy(directives: Readonly<Record<string, string>>): string {
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`.trim())
    .join("; ");
}
