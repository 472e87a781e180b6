import { expect, test } from "vitest";
import { hostOverShell } from "../../cells/host-over-shell.ts";
import { messagePortEndpoint } from "../../cells/port-endpoint.ts";
import { connectPort } from "../../cells/port.ts";
import { shellApiSchema, type ShellApi } from "../../cells/shell-api.ts";
import { dense } from "../../cells/layers.ts";
import { stages } from "../../cells/stages.ts";
import { tableFromIPC, tableFromRows } from "../../data/index.ts";
import { digestKey } from "../../runtime/digest.ts";
import { FakeHost, lastState, nativeClient, receiptFrom } from "./fake-host.ts";

test("stages reach the shell over a real port: rows arrive whole, and answers come back", async () => {
  const client = nativeClient();
  const { port1, port2 } = new MessageChannel();
  const arrived: string[] = [];
  const refuse = (): Promise<never> => Promise.reject(new Error("not asked for here"));
  const key = "a".repeat(64);
  const shell: ShellApi = {
    receipt: (body) => Promise.resolve(receiptFrom(body, "frame")),
    dryRun: ({ rows }) => {
      arrived.push(tableFromIPC(rows.ipc, { name: "rows" })[digestKey]);
      return Promise.resolve(
        receiptFrom(
          {
            stage: "dryRun",
            verdict: "pass",
            summary: "fine",
            checks: [],
            subject: {},
            metrics: {},
            environment: {},
          },
          "shell",
        ),
      );
    },
    async *train({ rows }) {
      arrived.push(tableFromIPC(rows.ipc, { name: "rows" })[digestKey]);
      yield { type: "attached", key, known: true };
      yield {
        type: "result",
        result: { key, state: "succeeded", steps: 1, seconds: 1, metrics: {}, environment: {} },
      };
    },
    submit: new FakeHost(client).submit,
    cancel: refuse,
    ask: refuse,
    table: refuse,
    file: refuse,
    draft: refuse,
    save: refuse,
    running: refuse,
    results: refuse,
    result: refuse,
    keepResult: refuse,
    forgetResult: refuse,
    forgetResults: refuse,
    recallReceipt: refuse,
    fileDigest: refuse,
  };
  const server = connectPort<object, ShellApi>(
    messagePortEndpoint(port2),
    {},
    {
      schema: shellApiSchema,
      api: shell,
    },
  );
  const frame = connectPort<ShellApi, object>(messagePortEndpoint(port1), shellApiSchema, {
    schema: {},
    api: {},
  });
  try {
    const { plan, dryRun, smallRun } = stages(hostOverShell(frame.remote, client));
    const rows = tableFromRows("rows", [
      { x: 1, y: "a" },
      { x: 2, y: "b" },
    ]);
    const made = await lastState(
      plan({
        features: [{ column: "x", kind: "number" }],
        target: { column: "y", kind: "category", vocabulary: ["a", "b"] },
        network: [dense(2)],
      }),
    );
    expect((await lastState(dryRun(made.value, rows))).value?.vouchedBy).toBe("shell");
    expect((await lastState(smallRun(made.value, rows))).value?.state).toBe("succeeded");
    expect(arrived).toEqual([rows[digestKey], rows[digestKey]]);
    await expect(frame.remote.table("x.csv")).rejects.toMatchObject({
      message: "not asked for here",
    });
  } finally {
    frame.close();
    server.close();
    await client.close();
  }
});
