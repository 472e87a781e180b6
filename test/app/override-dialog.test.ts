// @vitest-environment jsdom
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import type { Ladder } from "../../app/shell/api-schema.ts";
import { ApiError } from "../../app/shell/api.ts";
import { AskedRun } from "../../app/shell/asked-run.ts";
import { confirmOverride } from "../../app/shell/override-dialog.ts";
import { recipeDigest, runKey, type RunRequest } from "../../engines/index.ts";
import { somePlan } from "../engines/some-plan.ts";
import { reason as lacks } from "./fake-services.ts";

beforeAll(() => {
  // jsdom has dialogs that never open
  HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
    this.open = false;
    this.dispatchEvent(new Event("close"));
  };
});
afterEach(() => document.body.replaceChildren());

const digest = "a".repeat(64);
const plan = somePlan();
const request: RunRequest = {
  tier: "full",
  plan,
  rows: { digest, numRows: 342, blob: digest },
  engine: "tfjs",
  device: "auto",
};
const closed: Ladder = {
  dryRun: null,
  smallRun: null,
  reasons: [lacks("dryRun"), lacks("smallRun")],
  smallRunSpeed: null,
};

/** Opens the dialog on a ladder; `submitted` are the reasons that it gave. */
async function open(ladder: Ladder, refusal?: ApiError) {
  const asked = new AskedRun(request, runKey(request), recipeDigest(plan), "auto");
  const submitted: (string | undefined)[] = [];
  const decided = confirmOverride(asked, { ladder: async () => ladder }, async (reason) => {
    submitted.push(reason);
    if (refusal !== undefined) throw refusal;
  });
  const dialog = await vi.waitFor(() => {
    const found = document.querySelector("dialog");
    if (found === null) throw new Error("no dialog yet");
    return found;
  });
  const button = (label: string): HTMLButtonElement => {
    const found = [...dialog.querySelectorAll("button")].find(
      ({ textContent }) => textContent === label,
    );
    if (found === undefined) throw new Error(`no button ${label}: ${dialog.textContent}`);
    return found;
  };
  // no button answers at once
  await vi.waitFor(() => expect(button("Not now").disabled).toBe(false));
  return { dialog, button, submitted, decided };
}

function write(dialog: HTMLElement, text: string): void {
  const field = dialog.querySelector("textarea");
  if (field === null) throw new Error("no place for a reason");
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

test("it says what is missing, what the run is, and that the reason stays for ever", async () => {
  const { dialog, button, decided } = await open(closed);
  expect(dialog.querySelector("h2")?.textContent).toBe("Start without receipts?");
  for (const text of [
    "This plan has had no dryRun",
    "This plan has had no smallRun",
    "It trains on all 342 rows, on the runner.",
    "Dry run: none",
    "It is written to the ledger, and shown for ever",
  ])
    expect(dialog.textContent).toContain(text);
  const label = dialog.querySelector("label");
  expect(label?.htmlFor).toBe(dialog.querySelector("textarea")?.id);
  button("Not now").click();
  await decided;
});

test("it starts only with a reason, which it hands on as it will be written down", async () => {
  const { dialog, button, submitted, decided } = await open(closed);
  const start = button("Start without these receipts");
  expect(start.className).toContain("danger");
  for (const text of ["", "because", "              ", "..............."]) {
    write(dialog, text);
    expect(start.disabled, text).toBe(true);
  }
  write(dialog, "  The slot on\nthe cluster ends tonight ");
  expect(start.disabled).toBe(false);
  start.click();
  await decided;
  expect(submitted).toEqual(["The slot on the cluster ends tonight"]);
  expect(document.querySelector("dialog")).toBeNull();
});

test("what the server refuses is shown, and the reason is still there", async () => {
  const refusal = new ApiError("the rows are not here", "blob", 422, "send them first");
  const { dialog, button, decided } = await open(closed, refusal);
  write(dialog, "The slot on the cluster ends tonight");
  button("Start without these receipts").click();
  const alert = await vi.waitFor(() => {
    const text = dialog.querySelector("[role=alert]")?.textContent ?? "";
    expect(text).not.toBe("");
    return text;
  });
  expect(alert).toContain("The rows are not here");
  expect(alert).toContain("Send them first");
  expect(dialog.querySelector("textarea")?.value).toBe("The slot on the cluster ends tonight");
  button("Not now").click();
  await decided;
});

test("where nothing is missing any more it is a full run like any other", async () => {
  const { dialog, button, submitted, decided } = await open({ ...closed, reasons: [] });
  expect(dialog.querySelector("textarea")).toBeNull();
  button("Start full run").click();
  await decided;
  expect(submitted).toEqual([undefined]);
});
