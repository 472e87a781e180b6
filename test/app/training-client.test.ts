import { expect, test } from "vitest";
import { TrainingClient, type TrainingWorker } from "../../app/shell/training-client.ts";
import type { TrainingNews, TrainingOrder } from "../../app/shell/training-message.ts";
import type { TrainOutcome } from "../../engines/engine.ts";
import type { RunEventBody } from "../../engines/run.ts";
import { somePlan } from "../engines/some-plan.ts";

/** A worker that a test speaks for. */
class FakeWorker implements TrainingWorker {
  readonly orders: TrainingOrder[] = [];
  isTerminated = false;
  private hear = (_event: { readonly data: TrainingNews }): void => undefined;
  private fail = (_event: { readonly message: string }): void => undefined;

  constructor(private readonly obey: (order: TrainingOrder, worker: FakeWorker) => void) {}

  postMessage(order: TrainingOrder): void {
    this.orders.push(order);
    queueMicrotask(() => this.obey(order, this));
  }

  terminate(): void {
    this.isTerminated = true;
  }

  addEventListener(
    ...[type, listener]:
      | [type: "message", listener: (event: { readonly data: TrainingNews }) => void]
      | [type: "error", listener: (event: { readonly message: string }) => void]
  ): void {
    if (type === "message") this.hear = listener;
    else this.fail = listener;
  }

  say(data: TrainingNews): void {
    this.hear({ data });
  }

  crash(message: string): void {
    this.fail({ message });
  }
}

const work = { plan: somePlan(), ipc: new Uint8Array(), device: "auto" } as const;
const running: RunEventBody = { type: "state", state: "running", environment: { backend: "wasm" } };
const steps: RunEventBody = {
  type: "metric",
  split: "training",
  columns: { step: [1, 2, 3], loss: [3, 2, 1] },
};
const outcome: TrainOutcome = {
  state: "succeeded",
  steps: 3,
  seconds: 1,
  metrics: {},
  environment: {},
};

async function collect(training: AsyncGenerator<RunEventBody, TrainOutcome>) {
  const events: RunEventBody[] = [];
  for (;;) {
    const step = await training.next();
    if (step.done === true) return { events, outcome: step.value };
    events.push(step.value);
  }
}

test("a training gives its events, then its outcome, and ends its worker", async () => {
  const worker = new FakeWorker((_order, self) => {
    self.say({ type: "event", event: running });
    self.say({ type: "event", event: steps });
    self.say({ type: "outcome", outcome });
  });
  const client = new TrainingClient(() => worker);
  const heard = await collect(client.train(work, new AbortController().signal));
  expect(heard).toEqual({ events: [running, steps], outcome });
  expect(worker.isTerminated).toBe(true);
});

test("a worker that obeys a cancellation ends with its own outcome", async () => {
  const stop = new AbortController();
  const cancelled = { ...outcome, state: "cancelled", steps: 1 } as const;
  const worker = new FakeWorker((order, self) => {
    if (order.type === "cancel") self.say({ type: "outcome", outcome: cancelled });
    else queueMicrotask(() => stop.abort());
  });
  const client = new TrainingClient(() => worker);
  expect((await collect(client.train(work, stop.signal))).outcome).toEqual(cancelled);
});

test("a worker that does not obey is ended, and the run says how far it came", async () => {
  const stop = new AbortController();
  const worker = new FakeWorker((order, self) => {
    if (order.type !== "train") return;
    self.say({ type: "event", event: running });
    self.say({ type: "event", event: steps });
    stop.abort();
  });
  const client = new TrainingClient(() => worker, 5);
  expect((await collect(client.train(work, stop.signal))).outcome).toMatchObject({
    state: "cancelled",
    steps: 3,
    environment: { backend: "wasm" },
  });
  expect(worker.isTerminated).toBe(true);
});

test("a worker that dies, or fails by our fault, is an error", async () => {
  const dying = new FakeWorker((_order, self) => self.crash("out of memory"));
  await expect(
    collect(new TrainingClient(() => dying).train(work, new AbortController().signal)),
  ).rejects.toMatchObject({ code: "worker", message: "out of memory" });
  const failing = new FakeWorker((_order, self) => self.say({ type: "error", message: "a bug" }));
  await expect(new TrainingClient(() => failing).dryRun(work)).rejects.toThrow("a bug");
  expect([dying.isTerminated, failing.isTerminated]).toEqual([true, true]);
});
