import type { DenseLayer, Layer, Optimizer, Plan } from "../../engines/plan.ts";

/** A plan's fields to be tested, with a name. */
export interface Combination {
  readonly name: string;
  readonly fields: Partial<Plan>;
}

const targets: Readonly<Record<string, Partial<Plan> & { readonly width: number }>> = {
  softmax: { width: 3 },
  sigmoid: {
    width: 1,
    target: { column: "heavy", kind: "boolean" },
    loss: { type: "sigmoidCrossEntropy" },
  },
  squared: {
    width: 1,
    target: { column: "mass", kind: "number", scale: "standard" },
    loss: { type: "meanSquaredError" },
    split: { kind: "random", validation: 0.2 },
  },
};

const adam = { lr: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

const optimizers: readonly Optimizer[] = [
  { type: "sgd", lr: 0.05, momentum: 0 },
  { type: "sgd", lr: 0.02, momentum: 0.9 },
  { type: "adam", ...adam },
  { type: "adamw", ...adam, weightDecay: 0.05 },
];

const activations: readonly DenseLayer["activation"][] = [
  "linear",
  "relu",
  "tanh",
  "sigmoid",
  "gelu",
];

/** Every loss with every optimiser, and with every activation; dropout, no bias, the schedule. */
export const combinations: readonly Combination[] = Object.entries(targets).flatMap(
  ([loss, { width, ...fields }]): Combination[] => [
    ...optimizers.map((optimizer): Combination => ({
      name: `${loss}, ${optimizer.type}${optimizer.type === "sgd" ? ` momentum ${optimizer.momentum}` : ""}, relu and dropout`,
      fields: { ...fields, optimizer, network: network("relu", width, 0.3) },
    })),
    ...activations.map((activation): Combination => ({
      name: `${loss}, adam, ${activation}, cosine schedule`,
      fields: {
        ...fields,
        schedule: { type: "cosine", warmup: 0.2 },
        network: network(activation, width),
      },
    })),
  ],
);

function network(activation: DenseLayer["activation"], width: number, rate?: number): Layer[] {
  const dropout: Layer[] = rate === undefined ? [] : [{ type: "dropout", rate }];
  return [
    ...dropout,
    { type: "dense", units: 9, activation, bias: true, init: "heNormal" },
    ...dropout,
    { type: "dense", units: 5, activation, bias: false, init: "glorotUniform" },
    { type: "dense", units: width, activation: "linear", bias: true, init: "glorotUniform" },
  ];
}

/** A learning rate that ends every training. */
export const nan: Partial<Plan> = {
  optimizer: { type: "sgd", lr: 1e30, momentum: 0 },
  network: network("relu", 3, 0.3),
};
