import type { Check } from "../../engines/receipt.ts";
import { overrideText } from "../../engines/run-override.ts";
import type { AskedRun } from "./asked-run.ts";
import { button } from "./button.ts";
import { h, nodes } from "./dom.ts";
import { stateGlyph } from "./icons.ts";
import type { Rung, RungState } from "./ladder.ts";
import { counted, shortDigest } from "./plan-text.ts";

/** What a person can do with a rung. */
export interface RungActions {
  start(asked: AskedRun): void;
  /** starts a full run without the receipts that it lacks, once the person has said why */
  override(asked: AskedRun): void;
  cancel(asked: AskedRun): void;
  /** shows another of the workbook's runs at this tier */
  pick(tier: "small" | "full", asked: AskedRun): void;
  allowsSmallRuns(): boolean;
  allowSmallRuns(allowed: boolean): void;
}

/** The most faults that are listed; the receipt's card in the workbook lists all. */
const mostFaults = 12;
/** More passing checks than this are only counted. */
const mostPassing = 5;

/** What a rung found or waits for, its numbers, and what can be done from there. */
export class RungPanel {
  readonly element = h("div", { class: "panel", popover: "auto" });
  private readonly facts = h("div", { class: "panel-facts" });
  private readonly controls = h("div", { class: "panel-controls" });
  private drawn = "";
  private drawnControls = "";

  constructor(private readonly actions: RungActions) {
    this.element.append(this.facts, this.controls);
  }

  /** Redraws what has changed. Controls stay as they are while somebody may be using them. */
  update(rung: Rung): void {
    const { why, word, state, facts, checks, override } = rung;
    const text = JSON.stringify([why, word, state, facts, checks, override]);
    if (text !== this.drawn) {
      this.drawn = text;
      this.facts.replaceChildren(...this.drawFacts(rung));
    }
    const controls = JSON.stringify([
      rung.asked?.key,
      rung.asked?.canStart,
      rung.asked?.canOverride,
      state,
      rung.choices.map(({ key }) => key),
      this.actions.allowsSmallRuns(),
    ]);
    if (controls === this.drawnControls) return;
    this.drawnControls = controls;
    this.controls.replaceChildren(...this.drawControls(rung));
  }

  private drawFacts({ title, state, word, why, facts, checks, override }: Rung): (Node | string)[] {
    return nodes(
      h(
        "header",
        { "data-state": state },
        stateGlyph(state),
        h("h3", {}, title),
        h("span", { class: "panel-word" }, word),
      ),
      h("p", { class: "panel-why" }, why),
      override !== undefined && h("p", { class: "panel-override" }, overrideText(override)),
      checks.length > 0 && drawChecks(checks),
      facts.length > 0 &&
        h(
          "dl",
          { class: "facts" },
          ...facts.flatMap(({ label, value }) => [h("dt", {}, label), h("dd", {}, value)]),
        ),
    );
  }

  private drawControls({ stage, asked, state, choices }: Rung): (Node | string)[] {
    if (asked === undefined) return [];
    const tier = asked.request.tier === "full" ? "full" : "small";
    return nodes(
      asked.canStart && button(startText(tier, state), {}, () => this.actions.start(asked)),
      asked.canOverride &&
        state !== "stale" &&
        button("Override…", { kind: "plain" }, () => this.actions.override(asked)),
      state === "running" && button("Cancel", { icon: "stop" }, () => this.actions.cancel(asked)),
      choices.length > 1 && this.drawChoices(tier, asked, choices),
      stage === "smallRun" && this.drawPermission(),
    );
  }

  private drawChoices(
    tier: "small" | "full",
    shown: AskedRun,
    choices: readonly AskedRun[],
  ): HTMLElement {
    return h(
      "fieldset",
      { class: "choices" },
      h("legend", {}, "Runs of this workbook"),
      ...choices.map((choice) =>
        h(
          "label",
          {},
          h("input", {
            type: "radio",
            name: `choice-${tier}`,
            checked: choice === shown,
            change: () => this.actions.pick(tier, choice),
          }),
          h("span", {}, choiceText(choice)),
        ),
      ),
    );
  }

  private drawPermission(): HTMLElement {
    const box = h("input", { type: "checkbox", checked: this.actions.allowsSmallRuns() });
    box.addEventListener("change", () => this.actions.allowSmallRuns(box.checked));
    return h(
      "label",
      { class: "permission" },
      box,
      h(
        "span",
        {},
        "Allow small runs from this workbook’s cards",
        h("small", {}, "A full run is always confirmed here."),
      ),
    );
  }
}

function startText(tier: "small" | "full", state: RungState): string {
  if (state === "published") return "Run it here";
  if (state === "fail" || state === "cancelled" || state === "lost") return "Run again";
  return tier === "small" ? "Run small" : "Full run…";
}

function drawChecks(checks: readonly Check[]): HTMLElement {
  const passing = checks.filter(({ verdict }) => verdict === "pass");
  const faults = checks.filter(({ verdict }) => verdict !== "pass");
  const shown = faults.slice(0, mostFaults);
  const isShort = passing.length <= mostPassing;
  return h(
    "ul",
    { class: "checks" },
    ...shown.map(drawCheck),
    faults.length > shown.length &&
      h("li", { class: "hint" }, `${faults.length - shown.length} more in the workbook’s card`),
    ...(isShort ? passing.map(drawCheck) : []),
    !isShort &&
      h(
        "li",
        { "data-state": "pass" },
        stateGlyph("pass"),
        h("span", {}, `${passing.length} checks passed`),
      ),
  );
}

function drawCheck({ verdict, message, where, hint }: Check): HTMLElement {
  return h(
    "li",
    { "data-state": verdict === "abort" ? "fail" : verdict },
    stateGlyph(verdict === "abort" ? "fail" : verdict),
    h(
      "div",
      {},
      h("span", { class: "visually-hidden" }, `${verdict}: `),
      where !== undefined && h("code", {}, where),
      h("span", {}, message),
      hint !== undefined && h("span", { class: "hint" }, hint),
    ),
  );
}

function choiceText({ request, recipe, run, canStart }: AskedRun): string {
  const { plan, rows } = request;
  const state = run?.snapshot.state ?? (canStart ? "ready" : "waiting");
  return `${plan.target.column} · ${shortDigest(recipe).slice(0, 6)} · ${counted(rows.numRows, "row")} · ${counted(plan.epochs, "epoch")} · ${state}`;
}
