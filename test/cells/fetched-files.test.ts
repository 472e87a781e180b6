import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { fetchedFiles } from "../../cells/fetched-files.ts";
import { fileAttachment } from "../../cells/file-attachment.ts";
import type { GivenFile } from "../../cells/shell-api.ts";
import { sha256 } from "../../runtime/sha256.ts";
import { installDom, type HeadlessDom } from "../../server/headless/dom.ts";

let dom: HeadlessDom;
beforeAll(() => {
  dom = installDom();
});
afterAll(() => dom.close());

test("a file that comes as bytes is read without a request, under one URL for its content", async () => {
  const made: Blob[] = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation(
    (blob) => `blob:null/${made.push(blob as Blob)}`,
  );
  vi.stubGlobal("fetch", () => Promise.reject(new Error("there is no network")));
  onTestFinished(() => void vi.restoreAllMocks().unstubAllGlobals());
  const given = (content: string): GivenFile => ({
    url: "",
    digest: sha256(content),
    mediaType: "text/csv",
    bytes: new TextEncoder().encode(content),
  });
  let content = "a,b\n1,2\n";
  const files = fetchedFiles({ file: () => Promise.resolve(given(content)) }, document);
  const open = () => fileAttachment(files, document)("data/a.csv");
  expect(await open().csv({ typed: true, array: true })).toEqual([
    ["a", "b"],
    [1, 2],
  ]);
  expect(await open().url()).toBe("blob:null/1");
  expect((await open().image()).src).toBe("blob:null/1");
  expect(made).toHaveLength(1);
  expect(made[0]?.type).toBe("text/csv");
  // what a cell does to its bytes is its own affair
  const one = await open().arrayBuffer();
  new Uint8Array(one).fill(0);
  expect(await open().text()).toBe(content);
  content = "a,b\n3,4\n";
  expect(await open().url()).toBe("blob:null/2");
});

test("a file that comes under a URL is fetched from there", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (url: string) => {
    asked.push(url);
    return Promise.resolve(new Response("hello"));
  });
  onTestFinished(() => void vi.restoreAllMocks().unstubAllGlobals());
  const given = { url: "/b/x", digest: sha256("hello"), mediaType: "text/plain" };
  const files = fetchedFiles({ file: () => Promise.resolve(given) }, document);
  expect(await fileAttachment(files, document)("a.txt").text()).toBe("hello");
  expect(asked).toEqual([new URL("/b/x", document.baseURI).href]);
});
