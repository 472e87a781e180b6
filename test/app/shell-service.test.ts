import { expect, test } from "vitest";
import { Dispatch } from "../../app/shell/dispatch.ts";
import { LocalRuns } from "../../app/shell/local-runs.ts";
import { shellService } from "../../app/shell/shell-service.ts";
import { FilesRead } from "../../cells/report/files-read.ts";
import { FakeServices } from "./fake-services.ts";

const digest = "a".repeat(64);

function begin() {
  const asked: string[] = [];
  const files = new FilesRead();
  const services = new FakeServices();
  const dispatch = new Dispatch(
    "penguins.html",
    services,
    {
      device: () => "auto",
      allowsSmallRuns: () => false,
      isPresent: () => false,
      confirm: async () => undefined,
      confirmOverride: async () => undefined,
      callTo: () => undefined,
    },
    new LocalRuns(),
  );
  const service = shellService({
    frame: "the-frame",
    workbook: "penguins.html",
    files,
    api: {
      fileDigest: async (path) => {
        asked.push(`digest ${path}`);
        return digest;
      },
      results: async (workbook) => {
        asked.push(`results ${workbook}`);
        return { keys: [], small: [] };
      },
      result: async () => null,
      keepResult: async () => true,
      forgetResult: async () => undefined,
      clearResults: async (workbook) => {
        asked.push(`clear ${workbook}`);
        return 3;
      },
      table: async (path, frame) => {
        asked.push(`${frame} ${path}`);
        return { path, digest, location: "http://127.0.0.1/b/x", table: "data", numRows: 1 };
      },
      capability: async (path, frame) => {
        asked.push(`${frame} ${path}`);
        return { url: "http://127.0.0.1/b/x", digest, mediaType: "text/csv" };
      },
    },
    dispatch,
    draft: () => undefined,
    save: async () => ({ digest }),
    running: () => undefined,
  });
  return { service, services, asked, files };
}

test("a frame gets data files, under its own name", async () => {
  const { service, asked } = begin();
  await service.table("data/penguins.csv");
  await service.file("./notes.txt");
  expect(asked).toEqual(["the-frame data/penguins.csv", "the-frame ./notes.txt"]);
});

test("what a frame reads is noted with its digest, and what it is refused is not", async () => {
  const { service, files } = begin();
  await service.table("data/penguins.csv");
  await service.file("a.txt");
  await service.fileDigest("data/penguins.csv");
  await expect(service.file("other.html")).rejects.toThrow();
  expect(files.list()).toEqual([
    { path: "a.txt", digest, asked: ["bytes"] },
    { path: "data/penguins.csv", digest, asked: ["digest", "table"] },
  ]);
});

test("a frame gets no other workbook, nothing hidden, nothing above the workspace", async () => {
  const { service, asked } = begin();
  for (const path of [
    "other.html",
    "other.HTM",
    ".env",
    "data/.secret/a.csv",
    "../outside.csv",
    "data\\..\\..\\outside.csv",
    ".tierbook/ledger.jsonl",
  ]) {
    await expect(service.file(path)).rejects.toMatchObject({ code: "refused" });
    await expect(service.table(path)).rejects.toMatchObject({ code: "refused" });
    await expect(service.fileDigest(path)).rejects.toMatchObject({ code: "refused" });
  }
  expect(asked).toEqual([]);
});

test("a frame hears the digest of a data file, and the results of its own workbook", async () => {
  const { service, asked } = begin();
  expect(await service.fileDigest("data/penguins.csv")).toBe(digest);
  await service.results();
  expect(await service.forgetResults()).toBe(3);
  expect(asked).toEqual([
    "digest data/penguins.csv",
    "results penguins.html",
    "clear penguins.html",
  ]);
});

test("a frame has a receipt shown that it wrote before, and none that others vouch for", async () => {
  const { service, services } = begin();
  const body = {
    stage: "schema",
    verdict: "pass",
    summary: "all is well",
    checks: [],
    subject: {},
    metrics: {},
    environment: {},
  } as const;
  const { id } = await service.receipt(body);
  expect(await service.recallReceipt(id)).toBe(true);
  expect(await service.recallReceipt(digest)).toBe(false);
  for (const stage of ["dryRun", "smallRun", "fullRun"] as const) {
    const other = await services.api.postReceipt({ ...body, stage }, "shell");
    await expect(service.recallReceipt(other.id)).rejects.toMatchObject({ code: "refused" });
  }
});
