import { Hono } from "hono";
import { eventStream, type StreamMessage } from "../event-stream.ts";
import type { ServerContext, ServerEnv } from "../http-context.ts";
import { merge } from "../merge.ts";
import { ServerError } from "../server-error.ts";
import type { Workspace } from "../workspace.ts";

const mostRuns = 200;

/** All that a page follows, on one connection: browsers allow few to one server. */
export function eventRoutes({ workspace, closing }: ServerContext): Hono<ServerEnv> {
  return new Hono<ServerEnv>().get("/events", async (request) => {
    const followed = (request.req.queries("run") ?? []).map(readFollowed);
    if (followed.length > mostRuns)
      throw new ServerError(400, "run", `at most ${mostRuns} runs can be followed at once`);
    for (const { key } of followed) await workspace.runs.get(key);
    return eventStream(
      (signal) =>
        merge([
          ledgerMessages(workspace, signal),
          ...followed.map(({ key, after }) => runMessages(workspace, key, after, signal)),
        ]),
      closing,
    );
  });
}

async function* ledgerMessages(
  { ledger }: Workspace,
  signal: AbortSignal,
): AsyncGenerator<StreamMessage> {
  for await (const head of ledger.heads(signal)) yield { event: "ledger", data: { head } };
}

async function* runMessages(
  { runs }: Workspace,
  run: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<StreamMessage> {
  for await (const item of runs.directory(run).follow(after, signal))
    yield { data: { run, ...item } };
}

function readFollowed(text: string): { readonly key: string; readonly after: number } {
  const [, key, after] = /^([0-9a-f]{64})(?::(\d{1,15}))?$/.exec(text) ?? [];
  if (key === undefined)
    throw new ServerError(400, "run", `${JSON.stringify(text)} is not <key>:<after>`);
  return { key, after: Number(after ?? 0) };
}
