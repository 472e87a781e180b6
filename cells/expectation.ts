import { readableBytes } from "../engines/memory-check.ts";
import type { RunPrediction } from "../engines/prediction.ts";
import type { RunSnapshot } from "../engines/run-state.ts";
import type { CardTable } from "./card.ts";
import { formatSeconds } from "./number-format.ts";

/**
 * What a run that waits is expected to take.
 *
 * @param predictedOn the backend of the small run that the prediction is taken from
 */
export function expectationFacts(
  { seconds, memoryBytes }: RunPrediction,
  predictedOn: string | undefined,
): { readonly label: string; readonly value: string }[] {
  const doubt =
    predictedOn === undefined || predictedOn === "wasm"
      ? ""
      : ` (the runner's device may differ from ${predictedOn})`;
  return [
    { label: "expected duration", value: `about ${formatSeconds(seconds)}${doubt}` },
    { label: "expected memory", value: `about ${readableBytes(memoryBytes)}` },
  ];
}

/** What was expected of a run beside what it takes, or took. */
export function expectationTable(prediction: RunPrediction, snapshot: RunSnapshot): CardTable {
  return snapshot.result === undefined
    ? tableSoFar(prediction, snapshot)
    : tableMeasured(prediction, snapshot.result);
}

/** Seconds that a run has still to go at its speed so far; undefined before there is one. */
export function secondsLeft({ seconds, step, total }: RunSnapshot): number | undefined {
  // the first second says more of the start than of the speed
  if (total === undefined || step === 0 || seconds < 1) return undefined;
  return Math.max(0, (seconds * (total.steps - step)) / step);
}

function tableSoFar({ seconds, memoryBytes }: RunPrediction, snapshot: RunSnapshot): CardTable {
  const left = secondsLeft(snapshot);
  const whole = left === undefined ? undefined : snapshot.seconds + left;
  return table(
    ["expected", "so far", "at this speed", "ratio"],
    [
      [
        formatSeconds(seconds),
        snapshot.startedAt === undefined ? "–" : formatSeconds(snapshot.seconds),
        whole === undefined ? "–" : formatSeconds(whole),
        ratio(whole, seconds),
      ],
      [readableBytes(memoryBytes), "–", "–", "–"],
    ],
  );
}

/** Only a run that came to its end can be held against what was expected of all of it. */
function tableMeasured(
  prediction: RunPrediction,
  { state, seconds, memoryBytes }: NonNullable<RunSnapshot["result"]>,
): CardTable {
  const whole = <Value>(value: Value): Value | undefined =>
    state === "succeeded" ? value : undefined;
  return table(
    ["expected", "measured", "ratio"],
    [
      [
        formatSeconds(prediction.seconds),
        formatSeconds(seconds),
        ratio(whole(seconds), prediction.seconds),
      ],
      [
        readableBytes(prediction.memoryBytes),
        memoryBytes === undefined ? "–" : readableBytes(memoryBytes),
        ratio(whole(memoryBytes), prediction.memoryBytes),
      ],
    ],
  );
}

function table(
  columns: readonly string[],
  [duration, memory]: readonly [readonly string[], readonly string[]],
): CardTable {
  return {
    type: "table",
    caption: "Expectation and truth",
    columns: [
      { name: "", align: "left" },
      ...columns.map((name) => ({ name, align: "right" as const })),
    ],
    rows: [
      ["duration", ...duration],
      ["memory", ...memory],
    ],
  };
}

function ratio(truth: number | undefined, expected: number): string {
  return truth === undefined || expected <= 0 ? "–" : `${(truth / expected).toFixed(2)} ×`;
}
