/// <reference lib="webworker" />
/** Reads rows off the page's own thread: a table of 80 MB takes a second to decode and digest. */
import { inspectRows, type RowsAnswer, type RowsQuestion } from "./rows-inspection.ts";

globalThis.addEventListener("message", ({ data: { id, ipc } }: MessageEvent<RowsQuestion>) => {
  const say = (answer: RowsAnswer): void => globalThis.postMessage(answer);
  try {
    say({ id, facts: inspectRows(ipc) });
  } catch (error) {
    say({ id, fault: error instanceof Error ? error.message : String(error) });
  }
});
