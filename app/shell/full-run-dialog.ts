import { expectationFacts } from "../../cells/expectation.ts";
import { planDigest, type Receipt, type RunRequest, type RunRows } from "../../engines/index.ts";
import { ApiError } from "./api.ts";
import type { Backend } from "./backend.ts";
import type { Ladder } from "./api-schema.ts";
import type { AskedRun } from "./asked-run.ts";
import { ask } from "./dialog.ts";
import { h, nodes, type Child } from "./dom.ts";
import { stateGlyph } from "./icons.ts";
import { deviceName } from "./ladder.ts";
import { predictionFor } from "./ladder-reading.ts";
import { lineageSection } from "./lineage-section.ts";
import { momentText } from "./moment-text.ts";
import { capitalised, number, planFacts, shortDigest, type Fact } from "./plan-text.ts";

/**
 * Shows what a full run would be, read from the request itself, and starts it if the person says so.
 * The workbook's own words for it appear nowhere here.
 */
export async function confirmFullRun(
  asked: AskedRun,
  api: Pick<Backend, "ladder">,
  submit: () => Promise<void>,
): Promise<void> {
  await ask(
    "Start a full run?",
    fullRunContent(asked, await api.ladder(asked.recipe)),
    [
      { label: "Not now", value: false },
      { label: "Start full run", kind: "primary", value: true, press: submit },
    ],
    refusal,
  );
}

/** What a full run would be, and what it is expected to take. */
export function fullRunContent(
  { request, key }: Pick<AskedRun, "request" | "key">,
  ladder: Ladder,
): readonly Child[] {
  const { plan, rows, engine, device } = request;
  return [
    h("p", { class: "lead" }, `It trains on all ${number(rows.numRows)} rows, on the runner.`),
    factList([
      ...planFacts(plan),
      { label: "Rows", value: rowsText(rows) },
      ...expectation(request, ladder),
      { label: "Engine", value: `${engine}, device ${deviceName(device)}` },
      { label: "Names", value: `plan ${shortDigest(planDigest(plan))}, run ${shortDigest(key)}` },
    ]),
    ...("lineage" in rows ? lineageSection(rows) : []),
    h("h3", {}, "Receipts of this plan"),
    h(
      "ul",
      { class: "receipts" },
      receiptLine("Dry run", ladder.dryRun),
      receiptLine("Small run", ladder.smallRun),
    ),
  ];
}

/** Rows that were sent are counted here; those that the runner makes, the workbook has counted. */
function rowsText(rows: RunRows): string {
  const counted = "lineage" in rows ? ", as the workbook counted them" : "";
  return `${number(rows.numRows)}${counted}; table ${shortDigest(rows.digest)}`;
}

function expectation(request: RunRequest, ladder: Ladder): readonly Fact[] {
  const prediction = predictionFor(request, ladder);
  if (prediction === undefined) return [];
  const facts = expectationFacts(prediction, ladder.smallRun?.environment["backend"]);
  return facts.map(({ label, value }) => ({ label: capitalised(label), value }));
}

function factList(facts: readonly Fact[]): HTMLElement {
  return h(
    "dl",
    { class: "facts" },
    ...facts.flatMap(({ label, value }) => [h("dt", {}, label), h("dd", {}, value)]),
  );
}

function receiptLine(title: string, receipt: Receipt | null): HTMLElement {
  if (receipt === null)
    return h("li", { "data-state": "idle" }, stateGlyph("idle"), h("span", {}, `${title}: none`));
  const { verdict, summary, at, vouchedBy } = receipt;
  const state = verdict === "abort" ? "fail" : verdict;
  return h(
    "li",
    { "data-state": state },
    stateGlyph(state),
    h(
      "div",
      {},
      h("span", {}, summary),
      h("small", {}, `${momentText(at)}, vouched for by the ${vouchedBy}`),
    ),
  );
}

/** What the server says when it refuses: each reason, or the one fault. */
export function refusal(error: unknown): readonly Child[] {
  if (!(error instanceof ApiError))
    return [h("p", {}, error instanceof Error ? error.message : String(error))];
  return nodes(
    h(
      "p",
      {},
      error.reasons.length > 0 ? "The server refuses this run:" : capitalised(error.message),
    ),
    error.reasons.length > 0 &&
      h("ul", {}, ...error.reasons.map(({ message }) => h("li", {}, capitalised(message)))),
    error.hint !== undefined && h("p", { class: "hint" }, capitalised(error.hint)),
  );
}
