import { expect, test } from "vitest";
import { ApiError } from "../../app/shell/api.ts";
import {
  frameResults,
  maxBytesAMinute,
  maxHeldBytes,
  type ResultApi,
} from "../../app/shell/frame-results.ts";
import { maxResultBytes } from "../../cells/result-index.ts";

const key = "a".repeat(64);
const large = new Uint8Array(maxResultBytes);

/** A server that answers when it is told to. */
class SlowServer implements ResultApi {
  readonly asked: string[] = [];
  private readonly answers: (() => void)[] = [];

  results: ResultApi["results"] = (book) => this.answer(`index ${book}`, { keys: [], small: [] });
  result: ResultApi["result"] = (book) => this.answer(`read ${book}`, new Uint8Array(3));
  keepResult: ResultApi["keepResult"] = (book) => this.answer(`write ${book}`, true);
  forgetResult: ResultApi["forgetResult"] = (book) => this.answer(`forget ${book}`, undefined);
  clearResults: ResultApi["clearResults"] = (book) => this.answer(`clear ${book}`, 1);

  /** Answers everything, and what is asked thereupon. */
  async answerAll(): Promise<void> {
    while (this.answers.length > 0) {
      for (const answer of this.answers.splice(0)) answer();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private answer<Value>(what: string, value: Value): Promise<Value> {
    this.asked.push(what);
    return new Promise((resolve) => this.answers.push(() => resolve(value)));
  }
}

test("whatever a frame says, it reaches the results of its own workbook only", async () => {
  const server = new SlowServer();
  const results = frameResults("mine.html", server);
  const all = [
    results.results(),
    results.result(key),
    results.keepResult(key, new Uint8Array(1)),
    results.forgetResult(key),
    results.forgetResults(),
  ];
  await server.answerAll();
  await Promise.all(all);
  expect(server.asked.toSorted()).toEqual([
    "clear mine.html",
    "forget mine.html",
    "index mine.html",
    "read mine.html",
    "write mine.html",
  ]);
});

test("a frame that floods the shell with reads has a few under way, and all are answered", async () => {
  const server = new SlowServer();
  const results = frameResults("mine.html", server);
  const all = Array.from({ length: 100 }, () => results.result(key));
  expect(server.asked.length).toBe(4);
  await server.answerAll();
  expect((await Promise.all(all)).length).toBe(100);
});

test("a frame that floods the shell with writes is refused what the shell would have to hold", async () => {
  const server = new SlowServer();
  const results = frameResults("mine.html", server);
  const room = maxHeldBytes / maxResultBytes;
  const taken = Array.from({ length: room }, () => results.keepResult(key, large));
  expect(await results.keepResult(key, new Uint8Array(1))).toBe(false);
  await server.answerAll();
  expect(await Promise.all(taken)).toEqual(taken.map(() => true));
  const later = results.keepResult(key, new Uint8Array(1));
  await server.answerAll();
  expect(await later).toBe(true);
});

test("a frame that writes on and on is held to so many bytes a minute", async () => {
  let now = 0;
  let written = 0;
  const server = new SlowServer();
  server.keepResult = (_book, _key, bytes) => {
    written += bytes.byteLength;
    return Promise.resolve(true);
  };
  const results = frameResults("mine.html", server, () => now);
  for (let second = 0; second < 180; second++, now += 1000) {
    await results.keepResult(key, large);
    await results.keepResult(key, large);
  }
  expect(written).toBeGreaterThan(3 * maxBytesAMinute);
  expect(written).toBeLessThanOrEqual(4 * maxBytesAMinute);
});

test("what the server finds too large is not kept, and no error; another fault is one", async () => {
  const server = new SlowServer();
  const results = frameResults("mine.html", server);
  server.keepResult = () => Promise.reject(new ApiError("large", "too-large", 413));
  expect(await results.keepResult(key, new Uint8Array(1))).toBe(false);
  server.keepResult = () => Promise.reject(new ApiError("gone", "server-gone", 0));
  await expect(results.keepResult(key, large)).rejects.toMatchObject({ code: "server-gone" });
  await expect(results.keepResult(key, large)).rejects.toMatchObject({ code: "server-gone" });
  await expect(results.keepResult(key, large)).rejects.toMatchObject({ code: "server-gone" });
});
