import type { Attack } from "./hostile.ts";

// What is here runs in the frame, one function by itself: it may name nothing of this module.

const nobody = "0".repeat(64);

/** Calls that the shell must refuse, as they go over the port: kind, method, arguments. */
const forged: readonly (readonly [string, string, readonly unknown[]])[] = [
  ...[
    "other.html",
    "OTHER.HTML",
    "./other.html",
    "other.html/.",
    "other.html/",
    "data/../other.html",
    "data\\..\\other.html",
    "other.html\0.csv",
    "other%2ehtml",
    ".tierbook/ledger.jsonl",
    "data/.hidden.csv",
    "../../etc/passwd",
    "/etc/passwd",
    "data/link.csv",
  ].flatMap((path) =>
    ["file", "table", "fileDigest"].map((method) => ["call", method, [path]] as const),
  ),
  ["call", "cancel", [nobody]],
  ["call", "ask", [nobody]],
  ["call", "save", [5]],
  ["call", "save", [{ path: "other.html", text: "" }]],
  ["call", "receipt", [{ stage: "smallRun", verdict: "pass", vouchedBy: "server" }]],
  ["call", "submit", [{}]],
  ["open", "submit", [{ plan: { kind: "tierbook.plan" }, confirmed: true }]],
  ["open", "train", [{ plan: { kind: "tierbook.plan" }, rows: { numRows: -1 } }]],
  ["call", "dryRun", [{ plan: null }]],
  ["call", "result", ["../other.html"]],
  ["call", "keepResult", [nobody, "text"]],
  ...["putRun", "putFile", "publish", "share", "open", "token", "api", "fetch", "navigate"].map(
    (method) => ["call", method, ["other.html"]] as const,
  ),
  ...["publish", "preparePublication", "takeBack", "copyPublication", "release"].map(
    (method) => ["call", method, [nobody]] as const,
  ),
  ...["constructor", "__proto__", "toString", "hasOwnProperty", "then"].map(
    (method) => ["call", method, []] as const,
  ),
];

/**
 * Takes the frame's port and sends over it what no honest frame does. Gives what was answered with
 * anything but an error; where that is an address, what is there.
 */
export const forgeries: Attack = {
  name: "forged calls",
  patience: 20_000,
  run: new Function(
    "world",
    `return (${String(forge)})(world, ${JSON.stringify(forged)})`,
  ) as Attack["run"],
};

/**
 * Asks for runs that wait for a person, again and again, with no person there. It says that it has
 * by an uncaught error: to evaluate anything in the page counts as the person's click.
 */
export const askForRuns: Attack = {
  name: "runs without a person",
  patience: 60_000,
  run: () =>
    new Promise((resolve) => {
      const { postMessage } = MessagePort.prototype;
      MessagePort.prototype.postMessage = function (this: MessagePort, message: unknown) {
        MessagePort.prototype.postMessage = postMessage;
        let asked = 0;
        this.addEventListener("message", ({ data }) => {
          if (data.id === 1e6 + 99) return resolve(reportError(new Error("asked")));
          const { type, key, canStart } = data.value ?? {};
          if (type !== "waiting" || canStart !== true || asked > 0) return;
          for (; asked < 100; asked++)
            postMessage.call(this, { type: "call", id: 1e6 + asked, method: "ask", args: [key] });
        });
        postMessage.call(this, message);
      };
    }),
};

/** Greets the shell once more, to be given a second port. */
export const secondPort: Attack = {
  name: "second port",
  run: () =>
    new Promise((resolve, reject) => {
      addEventListener("message", ({ ports }) => ports.length > 0 && resolve("given"));
      parent.postMessage("tierbook.hello", "*");
      top?.postMessage("tierbook.hello", "*");
      setTimeout(() => reject(new Error("none")), 500);
    }),
};

/** Runs in the frame. */
async function forge(
  { own }: { readonly own: string },
  calls: readonly (readonly [string, string, readonly unknown[]])[],
): Promise<unknown> {
  const { postMessage } = MessagePort.prototype;
  const port = await new Promise<MessagePort>((resolve) => {
    MessagePort.prototype.postMessage = function (this: MessagePort, message: unknown) {
      MessagePort.prototype.postMessage = postMessage;
      postMessage.call(this, message);
      resolve(this);
    };
  });
  const replies = new Map<number, (reply: unknown) => void>();
  port.addEventListener("message", ({ data }) => replies.get(data.id)?.(data));
  const send = (
    id: number,
    [type, method, args]: readonly [string, string, readonly unknown[]],
  ): Promise<{ type: string; value?: { url?: string } | null }> =>
    new Promise((resolve) => {
      replies.set(id, resolve as (reply: unknown) => void);
      port.postMessage({ type, id, method, args });
    });
  const loop: Record<string, unknown> = {};
  loop["self"] = loop;
  for (const noise of [null, 1, "", [], {}, loop, new Map([[1, 2]]), new Error("x"), new Date()])
    for (const type of ["call", "open", "return", "next", "throw", "done", "detach", "", null])
      for (const id of [1, 2, 3, -1, 0.5, Number.NaN, "1"]) {
        port.postMessage(noise);
        port.postMessage({ type, id, method: noise, args: noise, value: noise, error: noise });
      }
  const given: unknown[] = [];
  for (const [i, call] of calls.entries()) {
    const reply = await send(1e6 + i, call);
    if (reply.type === "throw" || reply.value === null) continue;
    const url = reply.value?.url;
    const text = url === undefined ? "" : await (await fetch(new URL(url, own))).text();
    given.push([call, reply, text]);
  }
  const honest = await send(2e6, ["call", "results", []]);
  return { given, honest: honest.type };
}
