import type { Device } from "../../engines/run.ts";
import type { AskedRun } from "./asked-run.ts";
import type { Dispatch } from "./dispatch.ts";
import { h } from "./dom.ts";
import { deviceName, ladderRungs } from "./ladder.ts";
import type { Preferences } from "./preferences.ts";
import { RunControl } from "./run-control.ts";
import { RungButton } from "./rung-button.ts";
import type { RungActions } from "./rung-panel.ts";

/** Milliseconds between two drawings; events come faster than eyes. */
const pace = 80;

/** The ladder of one workbook: where every rung stands, and the way to climb the next one. */
export class LadderStrip {
  readonly element: HTMLElement;
  private readonly buttons = new Map<string, RungButton>();
  private readonly control: RunControl;
  private readonly list = h("ol", { class: "rungs" });
  /** the run that a person chose to see, as long as the workbook asks for no other */
  private readonly picked: Partial<Record<"small" | "full", AskedRun>> = {};
  private readonly latest: Partial<Record<"small" | "full", AskedRun>> = {};
  private readonly actions: RungActions;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly stop: (() => void)[];

  constructor(
    private readonly dispatch: Dispatch,
    preferences: Preferences,
    path: string,
    failed: (error: unknown) => void,
  ) {
    this.actions = {
      start: (asked) => void dispatch.start(asked).catch(failed),
      override: (asked) => void dispatch.override(asked).catch(failed),
      cancel: (asked) => void dispatch.cancel(asked.key).catch(failed),
      pick: (tier, asked) => {
        this.picked[tier] = asked;
        this.draw();
      },
      allowsSmallRuns: () => preferences.allowsSmallRuns(path),
      allowSmallRuns: (allowed) => preferences.allowSmallRuns(path, allowed),
    };
    this.control = new RunControl(this.actions);
    this.element = h(
      "section",
      { class: "strip", "aria-label": "Ladder" },
      this.list,
      this.control.element,
      deviceMenu(preferences, () => void dispatch.deviceChanged().catch(failed)),
    );
    this.stop = [
      dispatch.changes.listen(() => this.drawSoon()),
      preferences.changes.listen(() => this.drawSoon()),
    ];
    this.draw();
  }

  /** Draws the eye to a run that the workbook asks for. */
  call(asked: AskedRun): void {
    const tier = asked.request.tier === "full" ? "full" : "small";
    this.draw();
    this.picked[tier] = asked;
    this.draw();
    this.buttons.get(tier === "full" ? "fullRun" : "smallRun")?.call();
  }

  close(): void {
    clearTimeout(this.timer);
    for (const stop of this.stop) stop();
  }

  private drawSoon(): void {
    this.timer ??= setTimeout(() => this.draw(), pace);
  }

  private draw(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const tier of ["small", "full"] as const) {
      const [latest] = this.dispatch.runs(tier);
      if (latest === undefined || latest === this.latest[tier]) continue;
      this.latest[tier] = latest;
      delete this.picked[tier];
    }
    const rungs = ladderRungs(this.dispatch, this.picked);
    for (const rung of rungs) {
      const known = this.buttons.get(rung.stage);
      if (known !== undefined) known.update(rung);
      else {
        const made = new RungButton(rung, this.actions);
        this.buttons.set(rung.stage, made);
        this.list.append(made.element);
      }
    }
    this.control.update(rungs);
  }
}

const devices: readonly Device[] = ["auto", "webgpu", "wasm"];

function deviceMenu(preferences: Preferences, changed: () => void): HTMLElement {
  const menu = h(
    "select",
    { class: "device", "aria-label": "Device for small runs" },
    ...devices.map((device) => h("option", { value: device }, deviceName(device))),
  );
  menu.value = preferences.device;
  menu.addEventListener("change", () => {
    preferences.device = devices.find((device) => device === menu.value) ?? "auto";
    changed();
  });
  return h(
    "label",
    { class: "device-label", title: "Where dry runs and small runs compute" },
    h("span", { "aria-hidden": "true" }, "Device"),
    menu,
  );
}
