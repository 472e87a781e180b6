import { readReason, reasonLength, reasonRule } from "../../engines/run-override.ts";
import type { Api } from "./api.ts";
import type { AskedRun } from "./asked-run.ts";
import { ask } from "./dialog.ts";
import { h, type Child } from "./dom.ts";
import { confirmFullRun, fullRunContent, refusal } from "./full-run-dialog.ts";
import { stateGlyph } from "./icons.ts";
import { capitalised } from "./plan-text.ts";

/**
 * Shows what a full run lacks and what it is, and starts it all the same once the person has given a
 * reason. Where nothing is lacking any more it is a full run like any other.
 */
export async function confirmOverride(
  asked: AskedRun,
  api: Pick<Api, "ladder">,
  submit: (reason?: string) => Promise<void>,
): Promise<void> {
  const ladder = await api.ladder(asked.recipe);
  const found = ladder.reasons.map(({ message }) => capitalised(message));
  // what the server's own dry run found on the way is known from its refusal alone
  const lacking = found.length > 0 ? found : asked.reasons;
  if (lacking.length === 0) return await confirmFullRun(asked, api, () => submit());
  const field = reasonField();
  await ask(
    "Start without receipts?",
    [...lackingContent(lacking), ...field.content, ...fullRunContent(asked, ladder)],
    [
      { label: "Not now", value: false },
      {
        label: "Start without these receipts",
        kind: "danger",
        value: true,
        isReady: () => field.reason() !== undefined,
        press: () => submit(field.reason()),
      },
    ],
    refusal,
  );
}

function lackingContent(lacking: readonly string[]): readonly Child[] {
  return [
    h("p", { class: "lead" }, "The ladder has not been climbed for this run:"),
    h(
      "ul",
      { class: "receipts" },
      ...lacking.map((text) =>
        h("li", { "data-state": "warn" }, stateGlyph("warn"), h("span", {}, text)),
      ),
    ),
  ];
}

function reasonField(): {
  readonly content: readonly Child[];
  readonly reason: () => string | undefined;
} {
  const text = h("textarea", {
    id: "override-reason",
    class: "reason",
    rows: 3,
    maxlength: reasonLength.most,
    "aria-describedby": "override-rule",
  });
  return {
    content: [
      h("label", { class: "field-label", for: "override-reason" }, "Why start it all the same?"),
      text,
      h(
        "p",
        { class: "hint", id: "override-rule" },
        `${capitalised(reasonRule)}. It is written to the ledger, and shown for ever on this run and on every report of it.`,
      ),
    ],
    reason: () => readReason(text.value),
  };
}
