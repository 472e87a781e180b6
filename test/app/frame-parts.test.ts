import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { serveFrameParts } from "../../app/shell/frame-parts.ts";
import { frameLinksFile, type FrameLinks } from "../../app/site/frame-links.ts";

const links: FrameLinks = {
  kind: "tierbook.frame-links",
  version: 1,
  entry: "frame.js",
  styles: ["frame.css"],
  modules: { "frame.js": { imports: [], edits: [] } },
  sheets: { "frame.css": { cuts: [], fonts: [{ before: "", file: "font.woff2", after: "" }] } },
  files: ["duck.wasm", "unpacked.wasm", "lost.wasm"],
  packed: ["duck.wasm", "unpacked.wasm"],
};
const files: Readonly<Record<string, Uint8Array | string>> = {
  [frameLinksFile]: JSON.stringify(links),
  "assets/frame.js": "the frame",
  "assets/frame.css": "its styles",
  "assets/font.woff2": "a font",
  "assets/duck.wasm.gz": gzipSync("a duck"),
  // as a host gives it that has told the browser to unpack it
  "assets/unpacked.wasm.gz": "a duck",
  "assets/shell.js": "the shell",
};

let asked: string[];
let frame: MessagePort;

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", (url: URL): Promise<Response> => {
    const path = /\/app\/(.*)$/.exec(url.href)?.[1] ?? url.href;
    asked.push(path);
    const content = files[path];
    return Promise.resolve(
      content === undefined
        ? new Response(null, { status: 404 })
        : new Response(Uint8Array.from(Buffer.from(content))),
    );
  });
  const { port1, port2 } = new MessageChannel();
  frame = port1;
  serveFrameParts(port2);
});
afterEach(() => {
  frame.close();
  vi.unstubAllGlobals();
});

/** What the frame is told for a name: a part's text, or why there is none. */
async function answer(name: unknown): Promise<string> {
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise<string>((resolve) => {
    port1.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer | string>) =>
      resolve(typeof data === "string" ? `fault: ${data}` : new TextDecoder().decode(data)),
    );
    port1.start();
  });
  frame.postMessage(name, [port2]);
  try {
    return await answered;
  } finally {
    port1.close();
  }
}

test("the frame gets its links, and each part that they name", async () => {
  expect(JSON.parse(await answer(frameLinksFile))).toEqual(links);
  expect(await answer("frame.js")).toBe("the frame");
  expect(await answer("frame.css")).toBe("its styles");
  expect(await answer("font.woff2")).toBe("a font");
});

test("what is packed is unpacked, unless the browser has done it", async () => {
  expect(await answer("duck.wasm")).toBe("a duck");
  expect(await answer("unpacked.wasm")).toBe("a duck");
});

test.each([
  "shell.js",
  "../site.json",
  "frame.js?secret",
  "https://elsewhere.example/frame.js",
  "__proto__",
  "",
  7,
  null,
  { name: "frame.js" },
])("for %o nobody is asked", async (name) => {
  expect(await answer(name)).toMatch(/^fault: .* not a part of it/);
  expect(asked).toEqual([frameLinksFile]);
});

test("a part that the host does not have is a fault that names it", async () => {
  expect(await answer("lost.wasm")).toBe(
    "fault: assets/lost.wasm cannot be loaded: the host answers 404",
  );
});
