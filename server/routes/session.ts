import { Hono } from "hono";
import type { ServerContext, ServerEnv } from "../http-context.ts";

/** What the page wants to know of the server it talks to. */
export function sessionRoutes({ workspace, version }: ServerContext): Hono<ServerEnv> {
  return new Hono<ServerEnv>().get("/session", async ({ json }) => {
    const duckdb = await import("@duckdb/node-api");
    return json({
      version,
      workspace: workspace.root,
      duckdb: duckdb.version(),
      engines: ["tfjs"],
      node: process.version,
    });
  });
}
