import type { TrainOutcome } from "../../engines/engine.ts";
import type { Plan } from "../../engines/plan.ts";
import type { ReceiptBody } from "../../engines/receipt.ts";
import type { Device, RunEventBody } from "../../engines/run.ts";
import type { TrainingNews, TrainingOrder } from "./training-message.ts";

/** What the training client needs of a worker. */
export interface TrainingWorker {
  postMessage(order: TrainingOrder): void;
  terminate(): void;
  addEventListener(
    type: "message",
    listener: (event: { readonly data: TrainingNews }) => void,
  ): void;
  addEventListener(type: "error", listener: (event: { readonly message: string }) => void): void;
}

/** A plan on rows, as a worker gets it. */
export interface TrainingWork {
  readonly plan: Plan;
  /** the rows as an Arrow IPC stream; copied, not given away */
  readonly ipc: Uint8Array;
  readonly device: Device;
}

/** The same for a plan that may have faults: to find them is what a dry run is for. */
export interface DryRunWork extends Omit<TrainingWork, "plan"> {
  readonly plan: unknown;
}

/** The worker of a run stopped without a word: a fault of ours or of the browser's. */
export class WorkerError extends Error {
  readonly code = "worker";
  constructor(message: string) {
    super(message);
    this.name = "WorkerError";
  }
}

/** How long a worker may take to obey, in milliseconds; a step of a large network takes a while. */
const patience = 5000;

/** Trains and checks plans, each in a worker of its own that ends with its work. */
export class TrainingClient {
  constructor(
    private readonly start: () => TrainingWorker,
    private readonly cancelPatience = patience,
  ) {}

  /**
   * Trains a plan. Aborting tells the worker to stop after the step under way, and ends it where it
   * does not.
   *
   * @throws {WorkerError} if the worker dies
   */
  async *train(
    work: TrainingWork,
    signal: AbortSignal,
  ): AsyncGenerator<RunEventBody, TrainOutcome> {
    const conversation = new Conversation(this.start());
    const startedAt = performance.now();
    let miss = (): void => undefined;
    const deadline = new Promise<"late">((resolve) => (miss = () => resolve("late")));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const cancel = (): void => {
      conversation.say({ type: "cancel" });
      timer = setTimeout(miss, this.cancelPatience);
    };
    let steps = 0;
    let environment: Readonly<Record<string, string>> = {};
    try {
      conversation.say({ type: "train", ...work });
      signal.addEventListener("abort", cancel);
      if (signal.aborted) cancel();
      for (;;) {
        const news = await Promise.race([conversation.next(), deadline]);
        if (news === "late")
          return {
            state: "cancelled",
            reason: `cancelled after step ${steps}; the worker did not stop by itself and was ended`,
            steps,
            seconds: (performance.now() - startedAt) / 1000,
            metrics: {},
            environment,
          };
        if (news.type === "outcome") return news.outcome;
        if (news.type !== "event") continue;
        if (news.event.type === "metric")
          steps = Math.max(steps, news.event.columns["step"]?.at(-1) ?? 0);
        if (news.event.type === "state") environment = news.event.environment ?? environment;
        yield news.event;
      }
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
      conversation.end();
    }
  }

  /**
   * Does a dry run: what it found, for the shell to vouch for.
   *
   * @throws {WorkerError} if the worker dies
   */
  async dryRun(work: DryRunWork): Promise<ReceiptBody> {
    const conversation = new Conversation(this.start());
    try {
      conversation.say({ type: "dryRun", ...work });
      for (;;) {
        const news = await conversation.next();
        if (news.type === "receipt") return news.body;
      }
    } finally {
      conversation.end();
    }
  }
}

class Conversation {
  private readonly heard: TrainingNews[] = [];
  private fault: WorkerError | undefined;
  private wake = (): void => undefined;

  constructor(private readonly worker: TrainingWorker) {
    worker.addEventListener("message", ({ data }) => {
      if (data.type === "error") this.fault = new WorkerError(data.message);
      else this.heard.push(data);
      this.wake();
    });
    worker.addEventListener("error", ({ message }) => {
      this.fault = new WorkerError(
        message || "The training worker did not start; reload the page and look at its console",
      );
      this.wake();
    });
  }

  say(order: TrainingOrder): void {
    this.worker.postMessage(order);
  }

  async next(): Promise<TrainingNews> {
    for (;;) {
      const news = this.heard.shift();
      if (news !== undefined) return news;
      if (this.fault !== undefined) throw this.fault;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  end(): void {
    this.worker.terminate();
  }
}
