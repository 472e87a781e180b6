import { serve, type RunningServer, type ServeOptions } from "../../server/serve.ts";
import { builtCli } from "./build-cli.ts";
import { temporaryFolder } from "./fixtures.ts";

/** A server in this process on a workspace of its own, whose runs are real processes. */
export interface TestServer extends RunningServer {
  /** a request with the token */
  api(path: string, init?: RequestInit): Promise<Response>;
  /** ends what runs, stops the server and removes the workspace */
  dispose(): Promise<void>;
}

/** Starts one. Options that are given replace the usual ones. */
export async function startTestServer(options: Partial<ServeOptions> = {}): Promise<TestServer> {
  const command = [process.execPath, await builtCli()];
  const folder = await temporaryFolder();
  const server = await serve({
    folder: folder.path,
    executor: { command, grace: 3_000 },
    dryRun: { command },
    dispatcher: { interval: 100 },
    ...options,
  });
  const api: TestServer["api"] = (path, init) =>
    fetch(`${server.origin}${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${server.token}`, ...init?.headers },
    });
  return {
    ...server,
    api,
    dispose: async () => {
      for (const { key } of await server.workspace.runs.unfinished()) {
        await api(`/api/runs/${key}/cancel`, { method: "POST" });
        await collect(server.workspace.runs.directory(key).follow(0, AbortSignal.timeout(20_000)));
      }
      await server.close();
      await folder.remove();
    },
  };
}

/** All items of an iterable. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
