import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { builtPage } from "./built-page.ts";
import { Capabilities } from "./capabilities.ts";
import { Dispatcher, type DispatcherOptions } from "./dispatcher.ts";
import { dryRunInProcess, type DryRunProcessOptions } from "./dry-run-process.ts";
import { httpApp } from "./http.ts";
import { Ladder } from "./ladder.ts";
import { LocalExecutor, type LocalExecutorOptions } from "./local-executor.ts";
import { inUrl, ownHosts } from "./own-host.ts";
import { Publications } from "./publications.ts";
import { isSystemError, ServerError } from "./server-error.ts";
import { tierbookVersion } from "./version.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

/** How a server is started. */
export interface ServeOptions {
  /** the workspace's folder */
  readonly folder: string;
  /** 0, the default, for any free one */
  readonly port?: number;
  /** default 127.0.0.1 */
  readonly host?: string;
  /** where the built page is; by default where the build puts it */
  readonly page?: string;
  readonly executor?: LocalExecutorOptions;
  readonly dispatcher?: DispatcherOptions;
  readonly dryRun?: DryRunProcessOptions;
}

/** A server that listens. */
export interface RunningServer {
  readonly origin: string;
  /** every request to `/api` carries it */
  readonly token: string;
  /** the address to open: the token is in its fragment, which no server and no log sees */
  readonly address: string;
  readonly workspace: Workspace;
  /** Ends connections and stops listening. Full runs go on. */
  close(): Promise<void>;
}

/**
 * Serves a workspace. Finds again what earlier servers left running before it answers anybody.
 *
 * @throws {ServerError} `workspace`, `port`
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { folder, port = 0, host = "127.0.0.1" } = options;
  const workspace = await openWorkspace(folder);
  const dispatcher = new Dispatcher(
    workspace,
    new LocalExecutor(options.executor),
    options.dispatcher,
  );
  const publications = new Publications(workspace);
  const token = randomBytes(32).toString("base64url");
  const closing = new AbortController();
  const server = createServer();
  // a large blob over a slow line takes its time
  server.requestTimeout = 3_600_000;
  let isOwnHost = (_host: string): boolean => false;
  const app = httpApp({
    workspace,
    dispatcher,
    ladder: new Ladder(workspace, (plan, blob) =>
      dryRunInProcess({ plan, rows: workspace.blobs.path(blob), device: "wasm" }, options.dryRun),
    ),
    capabilities: new Capabilities(),
    publications,
    token,
    isOwnHost: (name) => isOwnHost(name),
    page: options.page ?? builtPage(),
    version: tierbookVersion(),
    closing: closing.signal,
  });
  await publications.clean();
  await dispatcher.start();
  server.on("request", getRequestListener(app.fetch));
  const bound = await listen(server, port, host);
  isOwnHost = ownHosts(host, bound);
  const shown = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : inUrl(host);
  const origin = `http://${shown}:${bound}`;
  return {
    origin,
    token,
    address: `${origin}/#token=${token}`,
    workspace,
    close: async () => {
      closing.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      // what is being answered gets a moment to end
      const idle = setInterval(() => server.closeIdleConnections(), 20);
      const late = setTimeout(() => server.closeAllConnections(), 1_000);
      await closed;
      clearInterval(idle);
      clearTimeout(late);
      await dispatcher.stop();
    },
  };
}

/** @returns the port */
function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(
        isSystemError(error, "EADDRINUSE", "EACCES", "EADDRNOTAVAIL")
          ? new ServerError(
              503,
              "port",
              `cannot listen at ${host}, port ${port}: ${error.message}`,
              {
                hint: "leave --port away to take any free one",
              },
            )
          : error,
      ),
    );
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
