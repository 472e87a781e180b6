import { createHash, timingSafeEqual } from "node:crypto";
import { Hono, type MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ServerContext, ServerEnv } from "./http-context.ts";
import { LedgerError } from "./ledger.ts";
import { blobRoutes } from "./routes/blobs.ts";
import { capabilityRoutes, capabilityUseRoutes } from "./routes/capabilities.ts";
import { eventRoutes } from "./routes/events.ts";
import { fileRoutes } from "./routes/files.ts";
import { heldRoutes } from "./routes/held.ts";
import { pageRoutes } from "./routes/page.ts";
import { publicationRoutes } from "./routes/publications.ts";
import { publishedRoutes } from "./routes/published.ts";
import { receiptRoutes } from "./routes/receipts.ts";
import { reportRoutes } from "./routes/report.ts";
import { resultRoutes } from "./routes/results.ts";
import { runRoutes } from "./routes/runs.ts";
import { sessionRoutes } from "./routes/session.ts";
import { apiHeaders, commonHeaders } from "./security-headers.ts";
import { ServerError } from "./server-error.ts";

/**
 * The server's whole interface. `/api` answers only requests that carry the token and do not come
 * from another origin; files by capability and the page's own files answer anybody on this host.
 */
export function httpApp(context: ServerContext): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.use(withHeaders(commonHeaders));
  app.use(onlyOwnHost(context));
  app.use("/api/*", withHeaders(apiHeaders), onlyOwnOrigin(context), onlyWithToken(context.token));
  for (const routes of [sessionRoutes, fileRoutes, capabilityRoutes, blobRoutes])
    app.route("/api", routes(context));
  for (const routes of [receiptRoutes, resultRoutes, runRoutes, eventRoutes])
    app.route("/api", routes(context));
  for (const routes of [reportRoutes, publicationRoutes, heldRoutes])
    app.route("/api", routes(context));
  app.route("/", capabilityUseRoutes(context));
  app.route("/", publishedRoutes(context));
  app.route("/", pageRoutes(context));
  app.notFound(() => {
    throw new ServerError(404, "address", "there is nothing at this address");
  });
  app.onError((error, { json }) => {
    const { status, body } = describeError(error);
    return json(body, status);
  });
  return app;
}

function withHeaders(headers: Readonly<Record<string, string>>): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(headers))
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
  };
}

/** Refuses names that are not ours: a page elsewhere may have its own name point to this machine. */
function onlyOwnHost({ isOwnHost }: ServerContext): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    const host = context.req.header("host");
    if (host === undefined || !isOwnHost(host))
      throw new ServerError(421, "host", `this server is not ${JSON.stringify(host ?? "")}`, {
        hint: "use the address that was printed when it started",
      });
    await next();
  };
}

/** Refuses pages of other origins, the sandboxed frame's opaque one among them. */
function onlyOwnOrigin({ isOwnHost }: ServerContext): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    const origin = context.req.header("origin");
    const site = context.req.header("sec-fetch-site");
    const isOurs =
      origin === undefined ||
      (origin === `http://${context.req.header("host")}` && isOwnHost(origin.slice(7)));
    if (!isOurs || site === "cross-site" || site === "same-site")
      throw new ServerError(403, "origin", "this interface answers its own page only");
    await next();
  };
}

function onlyWithToken(token: string): MiddlewareHandler<ServerEnv> {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  const expected = digest(`Bearer ${token}`);
  return async (context, next) => {
    const given = digest(context.req.header("authorization") ?? "");
    if (!timingSafeEqual(given, expected)) {
      context.header("WWW-Authenticate", "Bearer");
      throw new ServerError(401, "token", "the token is missing or not this server's", {
        hint: "open the address that was printed when the server started",
      });
    }
    await next();
  };
}

function describeError(error: unknown): {
  readonly status: ContentfulStatusCode;
  readonly body: { readonly error: Readonly<Record<string, unknown>> };
} {
  if (error instanceof ServerError) {
    const { code, message, hint, reasons } = error;
    return { status: statusOf(error.status), body: { error: { code, message, hint, reasons } } };
  }
  console.error("tierbook:", error);
  const code = error instanceof LedgerError ? error.code : "internal";
  const message = error instanceof LedgerError ? error.message : "the server has failed at this";
  return { status: 500, body: { error: { code, message, hint: "see what the server printed" } } };
}

const statuses = [400, 401, 403, 404, 409, 410, 412, 413, 421, 422, 428, 500, 503] as const;

function statusOf(status: number): ContentfulStatusCode {
  return statuses.find((known) => known === status) ?? 500;
}
