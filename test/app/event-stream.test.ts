import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readEventStream, type StreamEvent } from "../../app/shell/event-stream.ts";

/** Bytes that arrive in pieces cut at these places. */
function pieces(text: string, cuts: readonly number[]): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return new ReadableStream({
    start(controller) {
      [0, ...places].forEach((start, i) => {
        controller.enqueue(bytes.slice(start, places[i] ?? bytes.length));
      });
      controller.close();
    },
  });
}

async function read(stream: ReadableStream<Uint8Array>): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of readEventStream(stream)) events.push(event);
  return events;
}

const text = [
  ": hello",
  "",
  "id: 7",
  "event: ledger",
  'data: {"head":"é"}',
  "",
  "data: first",
  "data:second",
  "",
  "event: without data",
  "",
  ":",
  "data",
  "",
  "",
].join("\n");

const events: StreamEvent[] = [
  { event: "comment", data: "hello" },
  { event: "ledger", data: '{"head":"é"}', id: "7" },
  { event: "message", data: "first\nsecond" },
  { event: "comment", data: "" },
  { event: "message", data: "" },
];

test("events, comments and lines of data are told apart as the standard says", async () => {
  expect(await read(pieces(text, []))).toEqual(events);
});

test("where the network cuts the bytes, and how lines end, changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(200), { maxLength: 8 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      async (cuts, newline) => {
        // A lone CR at the very end could be the first half of a CRLF, so a line more follows.
        const given = `${text.replaceAll("\n", newline)}${newline}:`;
        expect(await read(pieces(given, cuts))).toEqual(events);
      },
    ),
  );
});

test("a reader that stops cancels the stream", async () => {
  let isCancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("data: x\n\n")),
    cancel: () => void (isCancelled = true),
  });
  for await (const event of readEventStream(stream)) {
    expect(event.data).toBe("x");
    break;
  }
  expect(isCancelled).toBe(true);
});
