// oxlint-disable import/default -- the bundler makes these modules: a worker's address each
import rowsWorkerUrl from "./rows-worker.ts?worker&url";
import trainingWorkerUrl from "./training-worker.ts?worker&url";
import type { RowsAnswer, RowsFacts, RowsQuestion } from "./rows-inspection.ts";
import type { TrainingWorker } from "./training-client.ts";
import { trustedScriptUrl } from "./trusted-script.ts";

/** Starts a worker for one training or dry run. */
export function startTrainingWorker(): TrainingWorker {
  return startWorker(trainingWorkerUrl, "training");
}

/** Says what rows are, in a worker that stays. Rejects for bytes that hold no table. */
export function rowsInspector(): (ipc: Uint8Array) => Promise<RowsFacts> {
  const waiting = new Map<number, (answer: RowsAnswer) => void>();
  let worker: Worker | undefined;
  let lastId = 0;
  const start = (): Worker => {
    const started = startWorker(rowsWorkerUrl, "rows");
    started.addEventListener("message", ({ data }: MessageEvent<RowsAnswer>) =>
      waiting.get(data.id)?.(data),
    );
    started.addEventListener("error", ({ message }) => {
      worker = undefined;
      for (const [id, answer] of waiting) answer({ id, fault: message || "the worker died" });
    });
    return started;
  };
  return async (ipc) => {
    worker ??= start();
    const question: RowsQuestion = { id: ++lastId, ipc };
    const answer = await new Promise<RowsAnswer>((resolve) => {
      waiting.set(question.id, resolve);
      worker?.postMessage(question);
    });
    waiting.delete(question.id);
    if ("facts" in answer) return answer.facts;
    throw new Error(answer.fault);
  };
}

function startWorker(url: string, name: string): Worker {
  return new Worker(trustedScriptUrl(url), { type: "module", name });
}
