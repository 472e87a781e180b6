// @vitest-environment jsdom
import { expect, test } from "vitest";
import { ApiError } from "../../app/shell/api.ts";
import { Dispatch } from "../../app/shell/dispatch.ts";
import { ladderRungs, type Rung } from "../../app/shell/ladder.ts";
import { canOverride } from "../../app/shell/ladder-reading.ts";
import { LocalRuns } from "../../app/shell/local-runs.ts";
import { RungPanel, type RungActions } from "../../app/shell/rung-panel.ts";
import type { TrainRequest } from "../../cells/host.ts";
import type { RunEvent, RunOverride, RunResult } from "../../engines/index.ts";
import { somePlan } from "../engines/some-plan.ts";
import { FakeServices, reason as lacks, rowsMessage } from "./fake-services.ts";
import { listen, only, WillingPerson } from "./willing-person.ts";

const at = "2026-01-01T00:00:00.000Z";
const rows = rowsMessage();
const request: TrainRequest = { plan: somePlan(), rows, engine: "tfjs", device: "auto" };
const override: RunOverride = {
  reason: "The slot on the cluster ends tonight",
  lacking: ["this plan has had no smallRun"],
  at,
  entry: "a".repeat(64),
};
const accepted: RunEvent = { seq: 1, at, type: "state", state: "accepted", override };
const said =
  "Overridden: The slot on the cluster ends tonight. Started although this plan has had no smallRun.";

/** A workbook that asks for a full run and has climbed nothing. */
async function asking(services = new FakeServices()) {
  const person = new WillingPerson();
  const dispatch = new Dispatch("penguins.html", services, person, new LocalRuns());
  const stream = listen(dispatch.submit(request));
  await stream.until("waiting");
  return { services, person, dispatch, stream, asked: only(dispatch, "full") };
}

function fullRung(dispatch: Dispatch): Rung {
  const rung = ladderRungs(dispatch).at(-1);
  if (rung === undefined) throw new Error("the ladder has no rungs");
  return rung;
}

/** The panel of a rung as a person sees it. */
function panelOf(rung: Rung, actions: Partial<RungActions> = {}): HTMLElement {
  const nothing = (): void => undefined;
  const panel = new RungPanel({
    start: nothing,
    cancel: nothing,
    override: nothing,
    pick: nothing,
    allowsSmallRuns: () => false,
    allowSmallRuns: nothing,
    ...actions,
  });
  panel.update(rung);
  return panel.element;
}

const buttons = (panel: HTMLElement): (string | null)[] =>
  [...panel.querySelectorAll("button")].map(({ textContent }) => textContent);

/** A run that ended, as the server has it. */
function ended(key: string, state: RunResult["state"]): RunResult {
  return { key, state, steps: 2, seconds: 1, metrics: {}, environment: {} };
}

test("a full run that lacks receipts can be overridden from its panel, and started from nowhere", async () => {
  const { dispatch, person, services, stream, asked } = await asking();
  expect(asked).toMatchObject({ canStart: false, canOverride: true });
  const pressed: unknown[] = [];
  const panel = panelOf(fullRung(dispatch), { override: (run) => pressed.push(run) });
  expect(buttons(panel)).toEqual(["Override…"]);
  panel.querySelector("button")?.click();
  expect(pressed).toEqual([asked]);
  await dispatch.start(asked);
  dispatch.ask(asked.key);
  expect(person.confirmed).toEqual([]);
  await dispatch.override(asked);
  expect(await stream.until("attached")).toMatchObject({ key: asked.key, known: false });
  expect(services.log.slice(-2)).toEqual(["run full", `override: ${person.reason}`]);
  // once is enough
  await dispatch.override(asked);
  expect(person.confirmed).toHaveLength(1);
});

test("a card can ask for a run, and never for one over its ladder", async () => {
  const { dispatch, person, services, asked } = await asking();
  dispatch.ask(asked.key);
  expect(person.called).toEqual([asked]);
  expect(services.log.filter((line) => line.startsWith("override"))).toEqual([]);
});

test("only receipts can be done without, and only at the full tier", async () => {
  const { request: full } = (await asking()).asked;
  expect(canOverride(full, [lacks("dryRun"), lacks("smallRun")])).toBe(true);
  expect(canOverride(full, [])).toBe(false);
  expect(canOverride(full, [lacks("smallRun"), lacks("fullRun")])).toBe(false);
  expect(canOverride({ ...full, tier: "small" }, [lacks("dryRun")])).toBe(false);
});

test("what the server refuses is passed on, and the run waits as before", async () => {
  const { dispatch, person, services, asked } = await asking();
  services.refusal = new ApiError("the rows are not here", "blob", 422);
  await expect(dispatch.override(asked)).rejects.toThrow("the rows are not here");
  expect(asked).toMatchObject({ canStart: false, canOverride: true, isStarting: false });
  services.refusal = new ApiError("closed", "ladder", 403, undefined, [lacks("dryRun")]);
  await expect(dispatch.override(asked)).rejects.toThrow("closed");
  expect(asked).toMatchObject({ canOverride: true, reasons: ["This plan has had no dryRun"] });
  // what is no receipt cannot be done without
  services.refusal = new ApiError("closed", "ladder", 403, undefined, [lacks("fullRun")]);
  await expect(dispatch.override(asked)).rejects.toThrow("closed");
  expect(buttons(panelOf(fullRung(dispatch)))).toEqual([]);
  await dispatch.override(asked);
  expect(person.confirmed).toHaveLength(3);
});

test("an overridden run says so on the strip and in its panel while it goes on and when it is over", async () => {
  const { dispatch, services, asked } = await asking();
  await dispatch.override(asked);
  const listener = services.following.get(asked.key);
  listener?.event(accepted);
  expect(fullRung(dispatch)).toMatchObject({ word: "Running, overridden", override });
  expect(panelOf(fullRung(dispatch)).textContent).toContain(said);
  listener?.result(ended(asked.key, "succeeded"));
  expect(fullRung(dispatch)).toMatchObject({
    state: "warn",
    word: "Passed, overridden",
    override,
  });
  expect(panelOf(fullRung(dispatch)).textContent).toContain(said);
});

test("an overridden run that is found later says so, and its last attempt where that failed", async () => {
  const first = await asking();
  const { key, request: full } = first.asked;
  for (const [state, word] of [
    ["succeeded", "Passed, overridden"],
    ["failed", "Failed, overridden"],
  ] as const) {
    const services = new FakeServices();
    services.runs.set(key, {
      request: full,
      events: [accepted],
      result: ended(key, state),
      override,
    });
    const dispatch = new Dispatch("b.html", services, new WillingPerson(), new LocalRuns());
    const stream = listen(dispatch.submit(request));
    if (state === "succeeded") await stream.until("attached");
    else
      expect((await stream.until("waiting")).reasons.slice(0, 2)).toEqual([
        "The last attempt failed",
        said,
      ]);
    expect(fullRung(dispatch)).toMatchObject({ word, override });
  }
});
