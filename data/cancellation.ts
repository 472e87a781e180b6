import { QueryError } from "./query-client.ts";

/** What a query that was cancelled rejects with. */
export function cancelled(): QueryError {
  return new QueryError("the query was cancelled", "cancelled");
}

/** The result, or the cancellation as soon as it is asked for: an engine may take a while to stop. */
export async function untilAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (!signal) return await work;
  work.catch(() => undefined);
  let cancel = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    cancel = () => reject(cancelled());
    signal.addEventListener("abort", cancel, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** Throws the cancellation if it was asked for already. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}
