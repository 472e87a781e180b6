import type { Receipt } from "../../engines/index.ts";
import { planDigest } from "../../engines/index.ts";
import { ApiError, type Api } from "./api.ts";
import type { AskedRun } from "./asked-run.ts";
import { ask } from "./dialog.ts";
import { h, nodes, type Child } from "./dom.ts";
import { stateGlyph } from "./icons.ts";
import { deviceName } from "./ladder.ts";
import { capitalised, number, planFacts, shortDigest, type Fact } from "./plan-text.ts";

/**
 * Shows what a full run would be, read from the request itself, and starts it if the person says so.
 * The workbook's own words for it appear nowhere here.
 */
export async function confirmFullRun(
  asked: AskedRun,
  api: Pick<Api, "ladder">,
  submit: () => Promise<void>,
): Promise<void> {
  const { plan, rows, engine, device } = asked.request;
  const { dryRun, smallRun } = await api.ladder(asked.recipe);
  await ask(
    "Start a full run?",
    [
      h("p", { class: "lead" }, `It trains on all ${number(rows.numRows)} rows, on the runner.`),
      factList([
        ...planFacts(plan),
        {
          label: "Rows",
          value: `${number(rows.numRows)}, table ${shortDigest(rows.digest)}`,
        },
        { label: "Engine", value: `${engine}, device ${deviceName(device)}` },
        {
          label: "Names",
          value: `plan ${shortDigest(planDigest(plan))}, run ${shortDigest(asked.key)}`,
        },
      ]),
      h("h3", {}, "Receipts of this plan"),
      h(
        "ul",
        { class: "receipts" },
        receiptLine("Dry run", dryRun),
        receiptLine("Small run", smallRun),
      ),
    ],
    [
      { label: "Not now", value: false },
      { label: "Start full run", kind: "primary", value: true, press: submit },
    ],
    refusal,
  );
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
  const when = new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return h(
    "li",
    { "data-state": state },
    stateGlyph(state),
    h(
      "div",
      {},
      h("span", {}, summary),
      h("small", {}, `${when}, vouched for by the ${vouchedBy}`),
    ),
  );
}

/** What the server says when it refuses: each reason, or the one fault. */
function refusal(error: unknown): readonly Child[] {
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
