import type { QueryClient } from "../data/query-client.ts";
import type { Host, SubmitRequest } from "./host.ts";
import { transferring } from "./port.ts";
import type { ShellApi } from "./shell-api.ts";

/**
 * The world as a stage sees it: queries go to the database of this realm, all else to the shell.
 * The frame and the headless process use the same.
 */
export function hostOverShell(
  shell: Pick<ShellApi, "receipt" | "dryRun" | "train" | "submit" | "cancel" | "ask">,
  client: QueryClient,
): Host {
  return {
    query: (sql, options) => client.query(sql, options),
    receipt: (body) => shell.receipt(body),
    dryRun: (request) => shell.dryRun(withRowsGiven(request)),
    train: (request) => shell.train(withRowsGiven(request)),
    submit: (request) => shell.submit(withRowsGiven(request)),
    cancel: (key) => shell.cancel(key),
    ask: (key) => shell.ask(key),
  };
}

/** Rows that are sent go over without a copy; they can be many megabytes. */
function withRowsGiven<Request extends Pick<SubmitRequest, "rows">>(request: Request): Request {
  if (!("ipc" in request.rows)) return request;
  const { buffer, byteLength } = request.rows.ipc;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return isWhole ? transferring(request, [buffer]) : request;
}
