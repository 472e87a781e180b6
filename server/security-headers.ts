/** On every answer. */
export const commonHeaders: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

/** On every answer of `/api`: for our own page only, and never kept. */
export const apiHeaders: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** On what an opaque origin, the workbook's frame, may read: files by capability, and assets. */
export const openHeaders: Readonly<Record<string, string>> = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "GET, HEAD",
  "Access-Control-Allow-Headers": "Range",
  "Access-Control-Expose-Headers": "Content-Length, Content-Range, Accept-Ranges, ETag",
  "Cross-Origin-Resource-Policy": "cross-origin",
};

/** On the shell's page: it holds the token, so it runs nothing but our own scripts. */
export const shellHeaders: Readonly<Record<string, string>> = {
  "Cache-Control": "no-cache",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Content-Security-Policy": policy({
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
    "trusted-types": "tierbook",
  }),
};

/**
 * On the workbook's frame, which runs a stranger's code in an opaque origin. There `'self'` matches
 * nothing, so the server's origin is named.
 */
export function frameHeaders(origin: string): Readonly<Record<string, string>> {
  return {
    "Cache-Control": "no-cache",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Security-Policy": policy({
      sandbox: "allow-scripts allow-forms",
      "default-src": "'none'",
      "script-src": `${origin} 'unsafe-eval' 'wasm-unsafe-eval' blob:`,
      // htl marks listeners with attributes; beside 'unsafe-eval' this gives nothing away
      "script-src-attr": "'unsafe-inline'",
      "worker-src": "blob:",
      "connect-src": `${origin} blob: data:`,
      "img-src": `${origin} data: blob:`,
      "style-src": `${origin} 'unsafe-inline'`,
      "font-src": `${origin} data:`,
      "frame-ancestors": origin,
      "form-action": "'none'",
      "base-uri": "'none'",
    }),
  };
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

function policy(directives: Readonly<Record<string, string>>): string {
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`.trim())
    .join("; ");
}
