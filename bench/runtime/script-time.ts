/** What a trace of Chromium must hold for {@link scriptTime}. */
export const scriptCategories = ["devtools.timeline", "v8", "__metadata"] as const;

/** What starts JavaScript on a thread, and what compiles it. */
const scriptEvents = new Set([
  "EvaluateScript",
  "FunctionCall",
  "RunMicrotasks",
  "TimerFire",
  "v8.compile",
  "v8.compileModule",
  "v8.evaluateModule",
  "v8.produceCache",
]);

interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** microseconds */
  readonly ts: number;
  /** microseconds */
  readonly dur?: number;
  readonly args?: { readonly name?: string };
}

/** Milliseconds that the main threads of all pages of a trace spent in JavaScript. */
export function scriptTime(trace: Buffer): number {
  const { traceEvents } = JSON.parse(String(trace)) as { traceEvents: readonly TraceEvent[] };
  const thread = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
      .map(thread),
  );
  const spans = new Map<string, TraceEvent[]>();
  for (const event of traceEvents) {
    if (event.ph !== "X" || !scriptEvents.has(event.name) || !mains.has(thread(event))) continue;
    const known = spans.get(thread(event));
    if (known === undefined) spans.set(thread(event), [event]);
    else known.push(event);
  }
  return Array.from(spans.values(), covered).reduce((sum, time) => sum + time, 0);
}

/** Milliseconds that some spans cover together; those within others do not count twice. */
function covered(events: readonly TraceEvent[]): number {
  let end = -Infinity;
  let total = 0;
  for (const { ts, dur = 0 } of events.toSorted((a, b) => a.ts - b.ts)) {
    total += Math.max(0, ts + dur - Math.max(ts, end));
    end = Math.max(end, ts + dur);
  }
  return total / 1000;
}
