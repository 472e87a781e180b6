import type { Table } from "../../data/table.ts";
import { initialWeights } from "../../engines/initial-weights.ts";
import { learningRate } from "../../engines/learning-rate.ts";
import type { Plan } from "../../engines/plan.ts";
import { permutation, randomStream, uniforms } from "../../engines/random.ts";
import { encodedTable } from "./encoded-table.ts";
import { trainReference, type ReferenceParameter, type ReferenceResult } from "./reference.ts";

/** The independent calculation of the first steps of a plan on rows. */
export function referenceFor(plan: Plan, rows: Table, steps: number): ReferenceResult {
  const { x, y, width, training } = encodedTable(plan, rows);
  const perEpoch = Math.ceil(training.length / plan.batch);
  const total = perEpoch * plan.epochs;
  const batches = Array.from({ length: steps }, (_, step) => {
    const epoch = Math.floor(step / perEpoch);
    const order = permutation(
      { seed: plan.seed, stream: randomStream.shuffle, layer: 0, step: epoch },
      training.length,
    );
    const start = (step % perEpoch) * plan.batch;
    const chosen = [...order.subarray(start, start + plan.batch)].map((at) => training[at] ?? 0);
    return {
      x: chosen.map((row) => [...x.subarray(row * width, (row + 1) * width)]),
      y: chosen.map((row) => y[row] ?? 0),
    };
  });
  return trainReference(
    plan,
    firstParameters(plan),
    batches,
    (step) => learningRate(plan, step, total),
    (step, layer, count) => {
      const dropout = plan.network[layer];
      const rate = dropout?.type === "dropout" ? dropout.rate : 0;
      const sequence = { seed: plan.seed, stream: randomStream.dropout, layer, step };
      return [...uniforms(sequence, count)].map((u) => u >= rate);
    },
  );
}

function firstParameters(plan: Plan): (ReferenceParameter | undefined)[] {
  const weights = new Map(initialWeights(plan).map((tensor) => [tensor.name, tensor]));
  return plan.network.map((layer, l) => {
    if (layer.type !== "dense") return undefined;
    const kernel = weights.get(`network.${l}.kernel`);
    if (kernel === undefined) throw new Error("no kernel");
    const [rows = 0, columns = 0] = kernel.shape;
    const bias = weights.get(`network.${l}.bias`);
    return {
      kernel: Array.from({ length: rows }, (_, i) => [
        ...kernel.values.subarray(i * columns, (i + 1) * columns),
      ]),
      bias: bias && [...bias.values],
    };
  });
}

/** Every value of a reference's parameters by the engine's tensor names. */
export function referenceTensors({ parameters }: ReferenceResult): Map<string, number[]> {
  return new Map(
    parameters.flatMap((parameter, l): [string, number[]][] =>
      parameter === undefined
        ? []
        : [
            [`network.${l}.kernel`, parameter.kernel.flat()],
            ...(parameter.bias
              ? [[`network.${l}.bias`, parameter.bias] as [string, number[]]]
              : []),
          ],
    ),
  );
}
