import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchChromium } from "../harness/chromium.ts";
import { eventually, openAs, type Person } from "../harness/person.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../harness/tierbook.ts";

let browser: Browser;
let tierbook: Tierbook;
let person: Person;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

// A full run that ends only when somebody ends it, so that every test can be in the middle of one.
beforeEach(async () => {
  const workspace = await makeWorkspace();
  const text = await readFile(join(workspace, "penguins.html"), "utf8");
  tierbook = await startTierbook(
    await makeWorkspace({ "long.html": text.replace("{epochs: 400}", "{epochs: 1000000}") }),
  );
  person = await openAs(browser, tierbook, "long.html");
  await person.rung("Small run", "Ready").waitFor();
});
afterEach(async () => {
  await person.leave();
  await tierbook.dispose();
});

interface RunSummary {
  readonly key: string;
  readonly tier: string;
  readonly state: string;
}

async function fullRuns(): Promise<readonly RunSummary[]> {
  const { runs } = (await (await tierbook.api("/api/runs")).json()) as {
    runs: readonly RunSummary[];
  };
  return runs.filter(({ tier }) => tier === "full");
}

/** Processes that work in this workspace, as the system sees them. */
async function workers(): Promise<readonly string[]> {
  const { execFile } = await import("node:child_process");
  const { promisify } = await import("node:util");
  const { stdout } = await promisify(execFile)("ps", ["-eo", "pid,args"]);
  return stdout
    .split("\n")
    .filter((line) => line.includes(" work ") && line.includes(tierbook.workspace));
}

async function epochShown(of: Person): Promise<number> {
  const text = await of.cell(19).innerText();
  return Number(/epoch (\d[\d,]*) of/.exec(text)?.[1]?.replaceAll(",", "") ?? -1);
}

async function startFullRun(): Promise<void> {
  await person.runSmall();
  await person.rung("Small run", "Passed").waitFor();
  await person.runFull();
  await person.rung("Full run", "Running").waitFor();
  await eventually(
    () => epochShown(person),
    (epoch) => epoch > 0,
  );
}

test("a reload in mid-run shows the run again, still going, and cancelling it leaves no process", async () => {
  await startFullRun();
  const before = await epochShown(person);
  await person.page.reload();
  await person.rung("Full run", "Running").waitFor();
  await eventually(
    () => epochShown(person),
    (epoch) => epoch > before,
  );
  expect(await fullRuns()).toMatchObject([{ state: "running" }]);
  expect(await workers()).toHaveLength(1);

  await person.cell(19).getByText("Cancel", { exact: true }).click();
  await person.rung("Full run", "Cancelled").waitFor();
  await eventually(workers, (all) => all.length === 0);
  expect(await fullRuns()).toMatchObject([{ state: "cancelled" }]);
});

test("two tabs that submit one key start one run, and both see it", async () => {
  await person.runSmall();
  await person.rung("Small run", "Passed").waitFor();
  const other = await person.anotherTab();
  await other.rung("Full run", "Ready").waitFor();
  await person.rung("Full run", "Ready").waitFor();
  await Promise.all([person.runFull(), other.runFull()]);
  await Promise.all([
    person.rung("Full run", "Running").waitFor(),
    other.rung("Full run", "Running").waitFor(),
  ]);
  for (const each of [person, other])
    await eventually(
      () => epochShown(each),
      (epoch) => epoch > 0,
    );
  expect(await fullRuns()).toHaveLength(1);
  expect(await workers()).toHaveLength(1);
  await other.leave();
});

test("a small run can be cancelled, and run again", async () => {
  await person.rewrite(17, "const small = view(smallRun(recipe, dev, {epochs: 1000000}));");
  await person.page.getByRole("button", { name: /^Run small .* 1,000,000 epochs/ }).waitFor();
  await person.runSmall();
  await person.rung("Small run", "Running").waitFor();
  await person.cell(17).getByText("Cancel", { exact: true }).click();
  await person.rung("Small run", "Cancelled").waitFor();
  await eventually(
    () => Promise.resolve(person.page.workers().map((worker) => worker.url())),
    (urls) => urls.every((url) => !url.includes("training-worker")),
  );
  await person.cell(17).focus();
  await person.page.keyboard.press("ControlOrMeta+Enter");
  await person.runSmall();
  await person.rung("Small run", "Running").waitFor();
});

test("a server that is killed in a full run finds it again, still going, when it is back", async () => {
  await startFullRun();
  await tierbook.kill();
  await person.page
    .getByText(/not answer|reconnect|offline|gone/i)
    .first()
    .waitFor();
  expect(await workers()).toHaveLength(1);
  tierbook = await tierbook.restart();
  expect(await fullRuns()).toMatchObject([{ state: "running" }]);
  const back = await openAs(browser, tierbook, "long.html");
  await back.rung("Full run", "Running").waitFor();
  await back.leave();
});

test("a run whose process died with the server is lost, never running for ever", async () => {
  await startFullRun();
  await tierbook.kill();
  const [line] = await workers();
  process.kill(Number(line?.trim().split(/\s+/)[0]), "SIGKILL");
  await eventually(workers, (all) => all.length === 0);
  tierbook = await tierbook.restart();
  expect(await fullRuns()).toMatchObject([{ state: "lost" }]);
  const back = await openAs(browser, tierbook, "long.html");
  await back.rung("Full run", "Lost").waitFor();
  await back.leave();
});
