import type { QueryClient } from "../data/query-client.ts";
import type { Host } from "./host.ts";
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
    dryRun: (request) => shell.dryRun(request),
    train: (request) => shell.train(request),
    submit: (request) => shell.submit(request),
    cancel: (key) => shell.cancel(key),
    ask: (key) => shell.ask(key),
  };
}
