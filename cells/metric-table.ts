import type { Plan } from "../engines/plan.ts";
import type { CardTable } from "./card.ts";
import { count, formatNumber, formatShare } from "./number-format.ts";
import { inOrderOfInterest, metricName } from "./metric-name.ts";

/**
 * A run's numbers as a compact table: the model beside what it has to beat, then its training.
 *
 * @param validationRows how many rows were scored, once that is known
 */
export function metricTable(
  metrics: Readonly<Record<string, number>>,
  plan: Plan,
  validationRows?: number,
): CardTable | undefined {
  const model = prefixed(metrics, "validation_", "validation_baseline_");
  const baseline = prefixed(metrics, "validation_baseline_");
  const names = inOrderOfInterest(new Set([...Object.keys(model), ...Object.keys(baseline)]));
  const rest = Object.keys(metrics).filter((name) => !name.startsWith("validation_"));
  if (names.length + rest.length === 0) return undefined;
  const hasBaseline = Object.keys(baseline).length > 0;
  const row = (label: string, name: string, ...values: (number | undefined)[]): string[] => [
    label,
    ...values.slice(0, hasBaseline ? 2 : 1).map((value) => formatMetric(name, value)),
  ];
  return {
    type: "table",
    ...captionOf(plan, hasBaseline, validationRows),
    columns: [
      { name: "metric", align: "left" },
      { name: "model", align: "right" },
      ...(hasBaseline ? [{ name: "baseline", align: "right" } as const] : []),
    ],
    rows: [
      ...names.map((name) => row(metricName(name), name, model[name], baseline[name])),
      ...rest.map((name) => row(metricName(name), name, metrics[name], undefined)),
    ],
  };
}

/** A metric's value as a person reads it; a dash where there is none. */
export function formatMetric(name: string, value: number | undefined): string {
  if (value === undefined) return "–";
  if (/accuracy|f1|precision|recall/.test(name)) return formatShare(value);
  // all with the same decimals, so that a column of them lines up
  const size = Math.abs(value);
  return size >= 1e-3 && size < 100 ? value.toFixed(4) : formatNumber(value);
}

function captionOf(
  { baseline }: Plan,
  hasBaseline: boolean,
  validationRows: number | undefined,
): Pick<CardTable, "caption"> {
  const parts = [
    ...(validationRows === undefined ? [] : [count(validationRows, "validation row")]),
    ...(hasBaseline && baseline !== undefined ? [`baseline: the column ${baseline.column}`] : []),
  ];
  return parts.length === 0 ? {} : { caption: parts.join(" · ") };
}

/** Metrics whose names begin with a prefix, by the rest of their names. */
function prefixed(
  metrics: Readonly<Record<string, number>>,
  prefix: string,
  butNot?: string,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(metrics)
      .filter(([name]) => name.startsWith(prefix) && !(butNot && name.startsWith(butNot)))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}
