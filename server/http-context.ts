import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { Capabilities } from "./capabilities.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Ladder } from "./ladder.ts";
import type { Publications } from "./publications.ts";
import type { Workspace } from "./workspace.ts";

/** Everything that the routes work with. */
export interface ServerContext {
  readonly workspace: Workspace;
  readonly dispatcher: Dispatcher;
  readonly ladder: Ladder;
  readonly capabilities: Capabilities;
  readonly publications: Publications;
  /** the bearer token that every request to `/api` must carry */
  readonly token: string;
  /** whether a Host header names this server, and not one that somebody's DNS points here */
  readonly isOwnHost: (host: string) => boolean;
  /** where the built page is */
  readonly page: string;
  readonly version: string;
  /** aborts when the server stops, so that streams end */
  readonly closing: AbortSignal;
}

/** Hono's types for routes behind a Node server. */
export type ServerEnv = { Bindings: HttpBindings };

/** One request. */
export type RequestContext = Context<ServerEnv>;
