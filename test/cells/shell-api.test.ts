import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Endpoint } from "../../cells/port-endpoint.ts";
import { connectPort } from "../../cells/port.ts";
import { maxResultBytes } from "../../cells/result-index.ts";
import { shellApiSchema, type ShellApi } from "../../cells/shell-api.ts";

/** A shell whose frame is the test itself: every call that is let through is noted. */
function serve(): {
  called: { method: string; args: unknown[] }[];
  answers: () => unknown[];
  receive: (message: unknown) => void;
} {
  const called: { method: string; args: unknown[] }[] = [];
  const sent: unknown[] = [];
  let hear = (_message: unknown): void => undefined;
  const endpoint: Endpoint = {
    post: (message) => sent.push(message),
    listen: (receive) => (hear = receive),
    close: () => undefined,
  };
  const api = new Proxy({} as ShellApi, {
    get:
      (_, method) =>
      (...args: unknown[]) => {
        called.push({ method: String(method), args });
        return Promise.resolve(null);
      },
  });
  connectPort<object, ShellApi>(endpoint, {}, { schema: shellApiSchema, api });
  return { called, answers: () => sent, receive: (message) => hear(message) };
}

const key = "a".repeat(64);

const keyLike = fc.constantFrom<unknown>(
  key,
  key.toUpperCase(),
  `${key}0`,
  `../${key.slice(3)}`,
  `${key}\n`,
  "other.html",
);
const bytesLike = fc.constantFrom<unknown>(
  new Uint8Array(3),
  new ArrayBuffer(3),
  new Float32Array(3),
  [1, 2, 3],
);
const anything = fc.oneof(keyLike, bytesLike, fc.anything({ withTypedArray: true }));
const someArguments = fc.oneof(
  fc.tuple(keyLike),
  fc.tuple(keyLike, bytesLike),
  fc.array(anything, { maxLength: 4 }),
);

test("a call for results and receipts gets through only with a digest for a key, and bytes for bytes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(
        ...([
          "results",
          "result",
          "keepResult",
          "forgetResult",
          "forgetResults",
          "fileDigest",
          "recallReceipt",
        ] as const),
      ),
      someArguments,
      async (method, args) => {
        const { called, answers, receive } = serve();
        receive({ type: "call", id: 1, method, args });
        // an honest call after it is answered: all before it has been dealt with
        receive({ type: "call", id: 2, method: "forgetResult", args: [key] });
        await expect.poll(answers).toContainEqual(expect.objectContaining({ id: 2 }));
        const through = called.slice(0, -1);
        const isKey = args[0] === key;
        // [whether the first arguments fit, how many there are: what is beyond them is dropped]
        const [fits, length] = {
          results: [true, 0] as const,
          result: [isKey, 1] as const,
          keepResult: [isKey && args[1] instanceof Uint8Array, 2] as const,
          forgetResult: [isKey, 1] as const,
          forgetResults: [true, 0] as const,
          recallReceipt: [isKey, 1] as const,
          fileDigest: [typeof args[0] === "string" && args[0] !== "", 1] as const,
        }[method];
        expect(through).toEqual(fits ? [{ method, args: args.slice(0, length) }] : []);
      },
    ),
    { numRuns: 500 },
  );
});

test("a result larger than one may be is refused at the border, whoever sends it", async () => {
  const { called, answers, receive } = serve();
  const bytes = new Uint8Array(maxResultBytes + 1);
  receive({ type: "call", id: 1, method: "keepResult", args: [key, bytes] });
  receive({ type: "call", id: 2, method: "keepResult", args: [key, bytes.subarray(1)] });
  await expect.poll(() => answers().length).toBe(2);
  expect(called.length).toBe(1);
  expect(answers()).toContainEqual(
    expect.objectContaining({ id: 1, error: expect.objectContaining({ code: "bad-argument" }) }),
  );
});
