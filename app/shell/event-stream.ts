/** One event of a `text/event-stream`, as its standard reads it. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
  readonly id?: string;
}

/**
 * Reads a `text/event-stream` (WHATWG HTML §9.2.6). Comments come as events named `comment`: they
 * say that the other side is alive.
 */
export async function* readEventStream(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<StreamEvent> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let fields = new Map<string, string>();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      // A CR at the end may be the first half of a CRLF.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith(":")) yield { event: "comment", data: line.slice(1).trimStart() };
        else if (line !== "") addField(fields, line);
        else {
          const data = fields.get("data");
          const id = fields.get("id");
          if (data !== undefined)
            yield {
              event: fields.get("event") ?? "message",
              data,
              ...(id !== undefined && { id }),
            };
          fields = new Map();
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function addField(fields: Map<string, string>, line: string): void {
  const colon = line.indexOf(":");
  const name = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
  const before = name === "data" ? fields.get("data") : undefined;
  fields.set(name, before === undefined ? value : `${before}\n${value}`);
}
