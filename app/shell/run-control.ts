import { metricName } from "../../cells/metric-name.ts";
import type { AskedRun } from "./asked-run.ts";
import { button } from "./button.ts";
import { h, nodes } from "./dom.ts";
import { deviceName, progressOf, type Rung } from "./ladder.ts";
import { counted, duration, metricText } from "./plan-text.ts";
import type { RungActions } from "./rung-panel.ts";
import { sparkline } from "./sparkline.ts";

/** What stands at the strip's end: the run that goes on, or what can be done next, or what is missing. */
export class RunControl {
  readonly element = h("div", { class: "control" });
  private readonly progress = new Map<string, RunProgress>();
  private drawn = "";

  constructor(private readonly actions: RungActions) {}

  update(rungs: readonly Rung[]): void {
    const moves = movesOf(rungs);
    const drawing = JSON.stringify(
      moves.map((move) => ("asked" in move ? [move.type, move.asked.key] : [move.type, move.text])),
    );
    if (drawing !== this.drawn) {
      this.drawn = drawing;
      this.progress.clear();
      this.element.replaceChildren(...moves.map((move) => this.draw(move)));
    }
    for (const move of moves)
      if (move.type === "progress") this.progress.get(move.asked.key)?.update(move.asked);
  }

  private draw(move: Move): HTMLElement {
    switch (move.type) {
      case "note":
        return h("p", { class: "control-note" }, move.text);
      case "start":
        return button(
          startText(move.asked),
          move.isNext ? { kind: "primary", icon: "play" } : {},
          () => this.actions.start(move.asked),
        );
      case "progress": {
        const progress = new RunProgress(() => this.actions.cancel(move.asked));
        this.progress.set(move.asked.key, progress);
        return progress.element;
      }
    }
  }
}

type Move =
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "start"; readonly asked: AskedRun; readonly isNext: boolean }
  | { readonly type: "progress"; readonly asked: AskedRun };

/** What goes on and what can be done, the more important first; a note where there is neither. */
function movesOf(rungs: readonly Rung[]): Move[] {
  const runs = rungs.filter((rung) => rung.asked !== undefined);
  const going = runs.flatMap(({ asked, state }): Move[] =>
    asked !== undefined && state === "running" ? [{ type: "progress", asked }] : [],
  );
  if (going.length > 0) return going;
  const ready = runs.flatMap(({ asked, state }) =>
    asked?.canStart === true && !asked.run && state !== "stale" ? [asked] : [],
  );
  if (ready.length > 0)
    return ready.map((asked, i): Move => ({ type: "start", asked, isNext: i === 0 }));
  return [{ type: "note", text: noteText(rungs) }];
}

function noteText(rungs: readonly Rung[]): string {
  const failed = rungs.find(({ state }) => state === "fail");
  if (failed !== undefined) return `${failed.title}: ${failed.why}`;
  const ended = rungs.findLast(({ asked }) => asked?.run?.isOver === true);
  if (ended?.state === "cancelled" || ended?.state === "lost")
    return `${ended.title} ${ended.word.toLowerCase()}. Run its cell again to start it anew.`;
  const waiting = rungs.find(({ state, asked }) => state === "waiting" && !asked?.isLooking);
  if (waiting !== undefined) return `${waiting.title} waits. ${waiting.why}`;
  const last = rungs.findLast(
    ({ state, asked }) => ["pass", "warn", "published"].includes(state) && asked !== undefined,
  );
  const result = last?.asked?.run?.snapshot;
  if (last === undefined || result === undefined)
    return rungs.every(({ state }) => state === "idle") ? "The ladder fills as cells run" : "";
  const word = last.state === "published" ? "published, not run here" : "passed";
  const over = last.override === undefined ? "" : ", overridden";
  return [`${last.title} ${word}${over}`, ...headlineMetrics(result.metrics)].join(" · ");
}

function headlineMetrics(metrics: Readonly<Record<string, number>>): string[] {
  const names = [
    "validation_pr_auc",
    "validation_accuracy",
    "validation_macro_f1",
    "validation_loss",
  ];
  return names
    .filter((name) => metrics[name] !== undefined)
    .slice(0, 2)
    .map((name) => `${metricName(name)} ${metricText(metrics[name] ?? NaN)}`);
}

function startText({ request, lastAttempt }: AskedRun): string {
  const rows = counted(request.rows.numRows, "row");
  const epochs = counted(request.plan.epochs, "epoch");
  if (request.tier === "full") return `Full run… · ${rows}`;
  const verb = lastAttempt === undefined ? "Run small" : "Run small again";
  return `${verb} · ${rows} · ${epochs} · ${deviceName(request.device)}`;
}

/** A run that goes on: how far, how it does, and the way to stop it. */
class RunProgress {
  private readonly bar = h("div", { class: "progress-fill" });
  private readonly track = h(
    "div",
    { class: "progress", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 },
    this.bar,
  );
  private readonly label = h("span", { class: "progress-label" });
  private readonly numbers = h("span", { class: "progress-numbers" });
  private readonly curve = h("span", {});
  private isCancelling = false;
  private readonly stop: HTMLButtonElement;
  readonly element: HTMLElement;

  constructor(cancel: () => void) {
    this.stop = button("Cancel", { icon: "stop" }, () => {
      this.isCancelling = true;
      this.stop.disabled = true;
      this.label.textContent = "Stopping…";
      cancel();
    });
    this.element = h(
      "div",
      { class: "going" },
      this.curve,
      h("div", { class: "going-text" }, h("div", {}, this.label, this.numbers), this.track),
      this.stop,
    );
  }

  update(asked: AskedRun): void {
    const tier = asked.request.tier === "full" ? "Full run" : "Small run";
    const snapshot = asked.run?.snapshot;
    // What is only being submitted cannot be cancelled yet.
    this.stop.hidden = snapshot === undefined;
    const share = progressOf(asked);
    const percent = share === undefined ? undefined : Math.floor(share * 100);
    this.track.setAttribute("aria-label", tier);
    if (percent === undefined) this.track.removeAttribute("aria-valuenow");
    else this.track.setAttribute("aria-valuenow", String(percent));
    this.track.classList.toggle("unknown", percent === undefined);
    this.bar.style.width = `${(share ?? 0) * 100}%`;
    if (!this.isCancelling)
      this.label.textContent = percent === undefined ? tier : `${tier} ${percent} %`;
    if (snapshot === undefined) return;
    const { total, epoch, metrics, seconds, history } = snapshot;
    const loss = metrics["training_loss"];
    this.numbers.textContent = [
      total && `epoch ${Math.max(1, epoch)} of ${total.epochs}`,
      loss === undefined ? undefined : `loss ${metricText(loss)}`,
      seconds > 0 ? duration(seconds) : undefined,
    ]
      .filter((text) => text !== undefined)
      .join(" · ");
    this.curve.replaceChildren(
      ...nodes(sparkline(history.training.map(({ loss }) => loss ?? null))),
    );
  }
}
