import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Dispatch } from "../../../app/shell/dispatch.ts";
import { GuestBackend } from "../../../app/shell/guest/guest-backend.ts";
import { LocalRuns } from "../../../app/shell/local-runs.ts";
import { shellService } from "../../../app/shell/shell-service.ts";
import { FilesRead } from "../../../cells/report/files-read.ts";
import { maxSmallResultBytes } from "../../../cells/result-index.ts";
import type { RunUpdate } from "../../../cells/host.ts";
import type { Part } from "../../../cells/share/publication.ts";
import { shellApiSchema, type ShellApi } from "../../../cells/shell-api.ts";
import { connectPort } from "../../../cells/port.ts";
import { messagePortEndpoint } from "../../../cells/port-endpoint.ts";
import type { OpenedPublication } from "../../../app/shell/guest/publication-client.ts";
import { sha256 } from "../../../runtime/sha256.ts";
import { somePlan } from "../../engines/some-plan.ts";
import { FakeServices, rowsMessage } from "../fake-services.ts";
import { WillingPerson } from "../willing-person.ts";
import { SomePublication } from "./some-publication.ts";
import { publishedRun } from "./some-published-run.ts";

const path = "data/a.csv";
const smallKey = sha256("small");
const largeKey = sha256("large");
const published = publishedRun("small");

/** What a host may do to a part. */
const mischief = fc.constantFrom(
  ...(["none", "flip", "cut", "extend", "swap", "lose", "take back", "fail"] as const),
);
type Mischief = typeof mischief extends fc.Arbitrary<infer Kind> ? Kind : never;

test("whatever lies at the host, nothing reaches a frame that the link does not name", async () => {
  const parts = 5;
  await fc.assert(
    fc.asyncProperty(fc.array(mischief, { minLength: parts, maxLength: parts }), async (kinds) => {
      const { host, named, service, end } = await begin();
      kinds.forEach((kind, i) => spoil(host, named, i, kind));
      const [file, table, small, large] = named;
      const isSound = (i: number): boolean => kinds[i] === "none";

      const { keys, small: eager } = await service.results();
      for (const { key, bytes } of eager)
        expect([key, sha256(bytes)]).toEqual([smallKey, small?.digest]);
      expect(eager.length).toBe(isSound(2) ? 1 : 0);
      expect(keys).toContain(largeKey);
      expect(digestOf(await service.result(largeKey))).toBe(isSound(3) ? large?.digest : undefined);

      const given = [() => service.file(path), () => service.table(path)];
      for (const [i, asked] of given.entries()) {
        const digest = await asked().then(({ bytes }) => digestOf(bytes), faultOf);
        expect(digest).toBe(isSound(i) ? [file, table][i]?.digest : "refused");
      }

      const last = await settled(service.train(request));
      if (isSound(4)) expect(last).toEqual({ type: "result", result: published.run.result });
      else expect(last).toMatchObject({ type: "waiting", canStart: false });
      end();
    }),
    { numRuns: 30 },
  );
});

test("bytes are given to the frame, and none of them stay with the shell", async () => {
  const { service, taken, end } = await begin();
  const { bytes } = await service.table(path);
  expect(new TextDecoder().decode(bytes)).toBe("a database");
  await service.file(path);
  await service.results();
  await service.result(largeKey);
  expect(taken.map(({ byteLength }) => byteLength)).toEqual([0, 0, 0, 0]);
  end();
});

const request = { plan: somePlan(), rows: rowsMessage(), engine: "tfjs", device: "auto" } as const;

/**
 * What a frame has of a shell without a server, over its port; the parts that are given out, in the
 * order of the property; and all the bytes that were taken from the publication.
 */
async function begin() {
  const host = new SomePublication({
    files: { [path]: "x\n1\n2\n" },
    tables: { [path]: new TextEncoder().encode("a database") },
    results: {
      [smallKey]: new TextEncoder().encode("a small result"),
      [largeKey]: new Uint8Array(maxSmallResultBytes + 1),
    },
    runs: { [published.key]: published.run },
  });
  const read = await host.open();
  const { files, results, runs } = read.publication;
  const taken: Uint8Array[] = [];
  const opened: OpenedPublication = {
    ...read,
    bytes: async (part) => {
      const bytes = await read.bytes(part);
      taken.push(bytes);
      return bytes;
    },
  };
  const named = [
    ...files.flatMap(({ bytes, table }) => [bytes, table?.part]),
    ...[...results, ...runs].map(({ part }) => part),
  ].filter((part) => part !== undefined);
  const text = { text: "", digest: sha256("") };
  const api = new GuestBackend({
    files: { readFile: async () => text, writeFile: async () => text },
    opened,
  });
  const { train, dryRun, inspect } = new FakeServices();
  const services = { api, feed: api.feed, train, dryRun, inspect };
  const shell: ShellApi = shellService({
    frame: "frame",
    workbook: "penguins.html",
    api,
    dispatch: new Dispatch("penguins.html", services, new WillingPerson(), new LocalRuns()),
    files: new FilesRead(),
    draft: () => undefined,
    save: async () => text,
    running: () => undefined,
  });
  const { port1, port2 } = new MessageChannel();
  connectPort<object, ShellApi>(
    messagePortEndpoint(port2),
    {},
    { schema: shellApiSchema, api: shell },
  );
  const frame = connectPort<ShellApi, object>(messagePortEndpoint(port1), shellApiSchema, {
    schema: {},
    api: {},
  });
  return { host, named, taken, service: frame.remote, end: () => frame.close() };
}

/** Does to a part at the host what a mischief says. */
function spoil(host: SomePublication, named: readonly Part[], i: number, kind: Mischief): void {
  const part = named[i];
  const other = named[(i + 1) % named.length];
  if (part === undefined || other === undefined) throw new Error(`no part ${i}`);
  const right = host.bytesOf(part);
  const answers: Readonly<Record<Mischief, Uint8Array | (() => Response)>> = {
    none: right,
    flip: right.with(right.length >> 1, (right[right.length >> 1] ?? 0) ^ 1),
    cut: right.slice(0, -1),
    extend: new Uint8Array([...right, 0]),
    swap: host.bytesOf(other),
    lose: () => new Response("", { status: 404 }),
    "take back": () => new Response("", { status: 410 }),
    fail: () => new Response("", { status: 500 }),
  };
  host.replace(part, answers[kind]);
}

/** What a stream of a run says when it waits for somebody, or in the end. */
async function settled(updates: AsyncIterable<RunUpdate>): Promise<RunUpdate | undefined> {
  for await (const update of updates)
    if (update.type === "waiting" || update.type === "result") return update;
  return undefined;
}

function digestOf(bytes: Uint8Array | null | undefined): string | undefined {
  return bytes ? sha256(bytes) : undefined;
}

/** Refusals are words for a person, never what was read. */
function faultOf(error: unknown): string {
  expect(error).toMatchObject({
    name: "ApiError",
    code: expect.any(String),
    message: expect.stringContaining(path),
  });
  return "refused";
}
