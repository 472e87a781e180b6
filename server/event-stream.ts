/** One message of an event stream (server-sent events, HTML standard §9.2). */
export interface StreamMessage {
  /** what `Last-Event-ID` will say */
  readonly id?: number;
  /** `message` where it is absent */
  readonly event?: string;
  /** JSON */
  readonly data: unknown;
}

/**
 * Answers with messages as they come, and a comment every 15 s where none does, so that neither side
 * takes a silent connection for a dead one.
 *
 * @param messagesUntil the messages until a signal aborts: when the reader leaves or `closing` does
 */
export function eventStream(
  messagesUntil: (signal: AbortSignal) => AsyncGenerator<StreamMessage>,
  closing: AbortSignal,
  heartbeatMilliseconds = 15_000,
): Response {
  const left = new AbortController();
  const messages = messagesUntil(AbortSignal.any([left.signal, closing]));
  const encoder = new TextEncoder();
  let pending: Promise<IteratorResult<StreamMessage>> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      // the headers go out with the first bytes, and the reader waits for them
      controller.enqueue(encoder.encode(": hello\n\n"));
    },
    async pull(controller) {
      pending ??= messages.next();
      const next = await before(pending, heartbeatMilliseconds);
      if (next === "late") return controller.enqueue(encoder.encode(":\n\n"));
      pending = undefined;
      if (next.done === true) return controller.close();
      controller.enqueue(encoder.encode(printMessage(next.value)));
    },
    cancel() {
      // the signal ends a wait for the next message; returning ends what rests between two
      left.abort();
      messages.return(undefined).catch(() => undefined);
    },
  });
  return new Response(body, {
    headers: {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      "X-Accel-Buffering": "no",
    },
  });
}

/** JSON never holds a newline, so a message's data is one line. */
function printMessage({ id, event, data }: StreamMessage): string {
  const lines = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    `data: ${JSON.stringify(data)}`,
  ];
  return `${lines.join("\n")}\n\n`;
}

async function before<Value>(
  promise: Promise<Value>,
  milliseconds: number,
): Promise<Value | "late"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(resolve, milliseconds, "late");
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
