import type { Table } from "../data/index.ts";
import type { Receipt } from "../engines/receipt.ts";
import { isPassing } from "../engines/verdict.ts";
import type { Live } from "../runtime/live.ts";
import type { Card } from "./card.ts";
import { environmentFacts } from "./environment-facts.ts";
import type { Host } from "./host.ts";
import { count, formatNumber, shortDigest } from "./number-format.ts";
import { readPlan } from "./read-plan.ts";
import { devRows, readTable } from "./rows.ts";
import { settled } from "./settled.ts";
import { stage } from "./stage.ts";
import { StageError } from "./stage-error.ts";

/**
 * The stage that finds out all that can be known without training: the plan's fields, the columns,
 * the labels, the shapes through the network, and the loss and gradient of one batch. It is free
 * and runs by itself. All faults are reported at once, and then it fails.
 *
 * @param plan the value of `plan`
 * @param dev the development sample
 */
export function dryRun(host: Host, plan: unknown, dev: unknown): Live<Receipt> {
  const call = "dryRun(plan, dev)";
  const ownPlan = readPlan(call, plan);
  const rows = readTable(call, dev);
  return stage<Receipt>(opening(rows), async ({ show, signal }) => {
    await settled(signal);
    const receipt = await host.dryRun({
      plan: ownPlan,
      rows: devRows(call, rows),
      device: "auto",
    });
    const card = finishedCard(rows, receipt);
    if (!isPassing(receipt.verdict)) {
      show({ card });
      throw new StageError(faults(receipt), "dry-run", "Mend the plan or the data");
    }
    show({ card, value: receipt });
  });
}

function opening(rows: Table): Card {
  return {
    kind: "tierbook.card",
    stage: "dryRun",
    title: "Dry run",
    status: "running",
    summary: `Checking the plan on ${count(rows.numRows, "row")}, without training`,
    parts: [],
    actions: [],
  };
}

function finishedCard(rows: Table, receipt: Receipt): Card {
  const { environment, metrics, subject } = receipt;
  const facts = [
    ...Object.entries(metrics).map(([name, value]) => ({
      label: name.replaceAll("_", " "),
      value: formatNumber(value),
    })),
    ...environmentFacts(environment),
    ...(subject.recipe === undefined
      ? []
      : [{ label: "recipe", value: shortDigest(subject.recipe) }]),
    { label: "vouched for by", value: receipt.vouchedBy },
  ];
  return {
    ...opening(rows),
    status: receipt.verdict === "abort" ? "fail" : receipt.verdict,
    summary: receipt.summary,
    parts: [
      { type: "checks", checks: receipt.checks },
      { type: "facts", facts },
    ],
  };
}

function faults(receipt: Receipt): string {
  const loud = receipt.checks.filter(({ verdict }) => !isPassing(verdict));
  const lines = loud.map(({ where, message, hint }) =>
    [where === undefined ? message : `${where}: ${message}`, hint].filter(Boolean).join(" — "),
  );
  return `The dry run found ${count(loud.length, "fault")}:\n${lines.join("\n")}`;
}
