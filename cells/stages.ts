import { dryRun } from "./dry-run.ts";
import { fullRun } from "./full-run.ts";
import type { Host } from "./host.ts";
import { KnownRuns } from "./known-runs.ts";
import { plan } from "./plan.ts";
import { sample } from "./sample.ts";
import { schema } from "./schema.ts";
import { smallRun } from "./small-run.ts";

/** The stages as cells call them. */
export interface Stages {
  readonly schema: WithoutHost<typeof schema>;
  readonly sample: WithoutHost<typeof sample>;
  readonly plan: WithoutHost<typeof plan>;
  readonly dryRun: WithoutHost<typeof dryRun>;
  readonly smallRun: (...args: RunArguments<typeof smallRun>) => ReturnType<typeof smallRun>;
  readonly fullRun: (...args: RunArguments<typeof fullRun>) => ReturnType<typeof fullRun>;
}

type WithoutHost<Stage> = Stage extends (host: Host, ...args: infer Args) => infer Result
  ? (...args: Args) => Result
  : never;

type RunArguments<Stage> = Stage extends (
  host: Host,
  known: KnownRuns,
  ...args: infer Args
) => unknown
  ? Args
  : never;

/** The stages of one workbook, bound to its host. */
export function stages(host: Host): Stages {
  const known = new KnownRuns();
  return {
    schema: (table, columns) => schema(host, table, columns),
    sample: (table, options) => sample(host, table, options),
    plan: (options) => plan(host, options),
    dryRun: (ownPlan, dev) => dryRun(host, ownPlan, dev),
    smallRun: (ownPlan, dev, options) => smallRun(host, known, ownPlan, dev, options),
    fullRun: (ownPlan, table, options) => fullRun(host, known, ownPlan, table, options),
  };
}
