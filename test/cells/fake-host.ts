import type { Host, RunUpdate, SubmitRequest } from "../../cells/host.ts";
import { createNativeClient } from "../../data/native-client.ts";
import type { QueryClient } from "../../data/query-client.ts";
import { jsonDigest } from "../../runtime/sha256.ts";
import type { Receipt, ReceiptBody, Voucher } from "../../engines/receipt.ts";
import type { Live, LiveState } from "../../runtime/live.ts";
import type { Card } from "../../cells/card.ts";
import { isCard } from "../../cells/card.ts";

/** A host over a real database, that trains nothing: tests say what a run does. */
export class FakeHost implements Host {
  readonly receipts: ReceiptBody[] = [];
  readonly trained: SubmitRequest[] = [];
  readonly detached: SubmitRequest[] = [];
  readonly cancelled: string[] = [];
  updates: (request: SubmitRequest) => AsyncIterable<RunUpdate> = () => quiet();
  dry: Host["dryRun"] = () => Promise.reject(new Error("no dry run"));

  constructor(readonly client: QueryClient = nativeClient()) {}

  query: Host["query"] = (sql, options) => this.client.query(sql, options);

  receipt: Host["receipt"] = (body) => {
    this.receipts.push(body);
    return Promise.resolve(receiptFrom(body, "frame"));
  };

  dryRun: Host["dryRun"] = (request) => this.dry(request);
  train: Host["train"] = (request) => this.follow(request);
  submit: Host["submit"] = (request) => this.follow(request);
  ask: Host["ask"] = () => Promise.resolve();
  cancel: Host["cancel"] = (key) => {
    this.cancelled.push(key);
    return Promise.resolve();
  };

  private follow(request: SubmitRequest): AsyncIterable<RunUpdate> {
    this.trained.push(request);
    const updates = this.updates(request);
    const { detached } = this;
    return {
      [Symbol.asyncIterator]: () => {
        const iterator = updates[Symbol.asyncIterator]();
        return {
          next: () => iterator.next(),
          return: () => {
            detached.push(request);
            return Promise.resolve({ done: true, value: undefined });
          },
        };
      },
    };
  }
}

/** A database of its own that opens no file. */
export function nativeClient(): QueryClient {
  return createNativeClient({
    resolveFile: (path) => Promise.reject(new Error(`no file ${path}`)),
  });
}

/** A receipt as a server writes it. */
export function receiptFrom(body: ReceiptBody, vouchedBy: Voucher): Receipt {
  const rest = {
    ...body,
    kind: "tierbook.receipt" as const,
    version: 1 as const,
    at: "2026-01-01T00:00:00Z",
    vouchedBy,
  };
  return { ...rest, id: jsonDigest(rest) };
}

/** A live value's last state, its card read as one. */
export interface LastState<Value> {
  readonly card: Card;
  readonly value?: Value;
  readonly error?: Error;
  readonly waitsFor?: string;
}

/** Watches a live value to its end. */
export async function lastState<Value>(live: Live<Value>): Promise<LastState<Value>> {
  let last: LiveState<Value> | undefined;
  for await (const state of live) last = state;
  return readState(last);
}

/** A state with its card read as one. */
export function readState<Value>(state: LiveState<Value> | undefined): LastState<Value> {
  if (state === undefined || !isCard(state.card)) throw new Error("there is no state with a card");
  return { ...state, card: state.card };
}

/** Starts watching a live value. */
export function watch<Value>(live: Live<Value>): AsyncIterator<LiveState<Value>, undefined> {
  return live[Symbol.asyncIterator]();
}

/** The next state of what is watched. */
export async function nextState<Value>(
  watching: AsyncIterator<LiveState<Value>, undefined>,
): Promise<LastState<Value>> {
  return readState((await watching.next()).value);
}

/** The text of all checks and notes of a card. */
export function cardText(card: Card): string {
  return card.parts
    .flatMap((part) => {
      if (part.type === "checks")
        return part.checks.map(
          ({ where = "", message, hint = "" }) => `${where} ${message} ${hint}`,
        );
      if (part.type === "note") return [part.text];
      if (part.type === "facts") return part.facts.map(({ label, value }) => `${label}: ${value}`);
      if (part.type === "table") return part.rows.map((row) => row.join(" | "));
      return [];
    })
    .join("\n");
}

async function* quiet(): AsyncGenerator<RunUpdate> {}
