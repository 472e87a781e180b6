import type { Table } from "../../data/table.ts";
import type { Engine, TrainOptions, TrainOutcome } from "../../engines/engine.ts";
import type { Plan } from "../../engines/plan.ts";
import type { RunEventBody } from "../../engines/run.ts";
import type { TrainingData } from "../../engines/training-data.ts";

/** A finished run with everything that happened in it. */
export interface Collected {
  readonly events: RunEventBody[];
  readonly outcome: TrainOutcome;
  /** training losses, a step each */
  readonly losses: number[];
}

/** Trains to the end and keeps everything. */
export async function collect(
  engine: Engine,
  plan: Plan,
  rows: Table | TrainingData,
  options: Partial<TrainOptions> = {},
): Promise<Collected> {
  const events: RunEventBody[] = [];
  const run = engine.train(plan, rows, { tier: "small", device: "wasm", ...options });
  for (;;) {
    const next = await run.next();
    if (next.done === true) return { events, outcome: next.value, losses: lossesOf(events) };
    events.push(next.value);
  }
}

/** Training losses of events, in order. */
export function lossesOf(events: readonly RunEventBody[]): number[] {
  return events.flatMap((event) =>
    event.type === "metric" && event.split === "training"
      ? (event.columns["loss"] ?? []).map((loss) => loss ?? NaN)
      : [],
  );
}
