import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Frame, Page, Route } from "playwright-core";
import { eventually } from "./person.ts";
import type { Tierbook } from "./tierbook.ts";

/** What an attack knows in the frame. */
export interface AttackWorld {
  /** an address elsewhere that is this attack's own: a request to it is data that has left */
  readonly target: string;
  /** `host:port` elsewhere that hears UDP */
  readonly udp: string;
  /** Tierbook's own origin */
  readonly own: string;
  /** puts an element into the page and resolves once it has loaded, failed or been refused */
  readonly settled: (element: HTMLElement) => Promise<void>;
}

/** One thing that a workbook's code tries; it runs in the frame, so it sees nothing of its module. */
export interface Attack {
  readonly name: string;
  readonly run: (world: AttackWorld) => unknown;
  /** milliseconds after which it is over whatever it still waits for; 1500 unless said */
  readonly patience?: number;
}

/** Where data that leaves would arrive: a web server that answers everything, and a UDP port. */
export interface Elsewhere {
  readonly origin: string;
  readonly udp: string;
  /** paths that were asked for, first segment only; `udp` for packets */
  readonly heard: Set<string>;
  close(): Promise<void>;
}

/** Starts an elsewhere that makes it as easy as can be for whoever reaches it. */
export async function startElsewhere(): Promise<Elsewhere> {
  const heard = new Set<string>();
  const server = createServer((request, response) => {
    const path = request.url?.slice(1).split(/[?#/]/)[0] ?? "";
    heard.add(path);
    response.setHeader("Access-Control-Allow-Origin", request.headers.origin ?? "*");
    response.setHeader("Access-Control-Allow-Headers", "*");
    response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    const isScript = /script|import|worker|preload/.test(path);
    const isStyle = /style|css/.test(path);
    response.setHeader(
      "Content-Type",
      isScript ? "text/javascript" : isStyle ? "text/css" : "text/html",
    );
    response.end(isScript ? "globalThis.ran = 1;" : isStyle ? "p {}" : "<p>elsewhere</p>");
  });
  server.on("upgrade", (request, socket) => {
    heard.add(request.url?.slice(1) ?? "");
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const socket = createSocket("udp4", () => heard.add("udp"));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    udp: `127.0.0.1:${socket.address().port}`,
    heard,
    close: async () => {
      socket.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A guard taken away, to show that it was the one that held. */
export interface Weakening {
  /** changes the headers of the frame's or the shell's document */
  readonly headers?: (path: string, headers: Record<string, string>) => void;
  /** what the frame's `sandbox` attribute says instead */
  readonly sandbox?: string;
  /** changes the shell's own script */
  readonly script?: (text: string) => string;
  /** runs in every document before its own scripts */
  readonly before?: () => void;
}

/** A workbook of attacks, opened in a browser of its own profile. */
export interface Opened {
  readonly context: BrowserContext;
  readonly page: Page;
  /** the workbook's address in the page */
  readonly address: string;
  /** windows, dialogs, downloads and full screens that the workbook brought about */
  readonly events: readonly string[];
  /** what is said on the console, and errors that nobody caught */
  readonly said: readonly string[];
  /** answers of `/api` to anything but the shell */
  readonly answered: readonly string[];
  frame(): Frame | undefined;
  /** waits until each attack is over, and gives what each came to, by name */
  outcomes(): Promise<Readonly<Record<string, string>>>;
}

let numOpened = 0;

/** Writes a workbook with one attack a cell and opens it as somebody who has the token. */
export async function openHostile(
  browser: Browser,
  tierbook: Tierbook,
  elsewhere: Elsewhere,
  attacks: readonly Attack[],
  weakening: Weakening = {},
  makeText: (cells: string) => string = (cells) =>
    `<!doctype html>\n<notebook>\n  <title>Hostile</title>\n${cells}</notebook>\n`,
): Promise<Opened> {
  // a new name each time: what is known of a workbook would else come from its results, unrun
  const name = `hostile-${++numOpened}.html`;
  const cells = attacks.map((attack, i) => cellOf(attack, 900 + i, tierbook.origin, elsewhere));
  await writeFile(join(tierbook.workspace, name), makeText(cells.join("")));
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 } });
  const page = await context.newPage();
  const events: string[] = [];
  const said: string[] = [];
  const answered: string[] = [];
  await weaken(context, tierbook.origin, weakening);
  context.on("page", (popup) => events.push(`window ${popup.url()}`));
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", ({ message }) => said.push(message));
  page.on("download", () => events.push("download"));
  page.on("dialog", (dialog) => {
    events.push(dialog.type());
    void dialog.dismiss();
  });
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith("/api") && isOfFrame(response.request(), page))
      answered.push(`${pathname} ${response.status()}`);
  });
  const address = `${tierbook.origin}/w/${name}`;
  // something of ours to go back to
  await page.goto(`${tierbook.origin}/api/session`);
  await page.goto(`${address}#token=${tierbook.token}`);
  const frame = (): Frame | undefined => page.frames().find((each) => each !== page.mainFrame());
  return {
    context,
    page,
    address,
    events,
    said,
    answered,
    frame,
    outcomes: () =>
      eventually(
        async () => {
          if (page.isClosed()) throw new Error("the page was closed before its attacks were over");
          const outcomes = await frame()
            ?.evaluate(() => (globalThis as { outcomes?: Record<string, string> }).outcomes)
            .catch(() => undefined);
          return outcomes ?? {};
        },
        (outcomes) => Object.keys(outcomes).length === attacks.length,
      ),
  };
}

/**
 * The text of a cell that runs an attack and leaves its outcome in `globalThis.outcomes`.
 *
 * @param own Tierbook's own origin
 * @param to where what the attack sends is to arrive
 */
export function cellOf(
  { name, run, patience = 1500 }: Attack,
  id: number,
  own: string,
  to: Pick<Elsewhere, "origin" | "udp">,
): string {
  const facts = {
    name,
    patience,
    target: `${to.origin}/${slug(name)}`,
    udp: to.udp,
    own,
  };
  const program = `return (${String(attempt)})(${String(run)}, ${JSON.stringify(facts)})`;
  const quoted = JSON.stringify(program).replaceAll("<", "\\u003c");
  return `  <script id="${id}" type="module">\n    await new Function(${quoted})();\n  </script>\n`;
}

/** The path of an attack's own address elsewhere. */
export function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]+/g, "-");
}

/** Runs in the frame. */
async function attempt(
  run: Attack["run"],
  facts: Omit<AttackWorld, "settled"> & { readonly name: string; readonly patience: number },
): Promise<void> {
  const patience = (): Promise<undefined> =>
    new Promise((resolve) => setTimeout(() => resolve(undefined), facts.patience));
  const settled = (element: HTMLElement): Promise<void> =>
    new Promise((resolve) => {
      for (const type of ["load", "error", "loadeddata"])
        element.addEventListener(type, () => resolve());
      document.addEventListener("securitypolicyviolation", ({ blockedURI }) => {
        if (blockedURI.includes(facts.target)) resolve();
      });
      document.body.append(element);
    });
  const outcomes = ((globalThis as { outcomes?: Record<string, string> }).outcomes ??= {});
  try {
    const got: unknown = await Promise.race([run({ ...facts, settled }), patience()]);
    outcomes[facts.name] = `did: ${typeof got === "string" ? got : JSON.stringify(got)}`;
  } catch (error) {
    outcomes[facts.name] = `refused: ${String(error)}`;
  }
}

async function weaken(
  context: BrowserContext,
  origin: string,
  { headers, sandbox, script, before }: Weakening,
): Promise<void> {
  const rewrite = async (route: Route): Promise<void> => {
    const response = await route.fetch();
    const changed = { ...response.headers() };
    const { pathname } = new URL(route.request().url());
    headers?.(pathname, changed);
    const isScript = pathname.endsWith(".js");
    const text = await response.text();
    await route.fulfill({
      response,
      headers: changed,
      body: isScript ? (script?.(text) ?? text) : text,
    });
  };
  if (headers !== undefined) await context.route(`${origin}/frame.html`, rewrite);
  if (headers !== undefined) await context.route(`${origin}/w/**`, rewrite);
  if (headers !== undefined) await context.route(`${origin}/b/**`, rewrite);
  if (script !== undefined) await context.route(`${origin}/assets/*.js`, rewrite);
  if (before !== undefined) await context.addInitScript(before);
  if (sandbox !== undefined)
    await context.addInitScript((loose) => {
      const { setAttribute } = Element.prototype;
      Element.prototype.setAttribute = function (name, value) {
        setAttribute.call(this, name, name === "sandbox" ? loose : value);
      };
    }, sandbox);
}

function isOfFrame(request: { frame(): Frame }, page: Page): boolean {
  try {
    return request.frame() !== page.mainFrame();
  } catch {
    // a worker's or a page's that is not there yet
    return true;
  }
}
