import { fault } from "./fault.ts";
import { targetClasses } from "./plan-shape.ts";
import type { Feature, Layer, Loss, Optimizer, Split, Target } from "./plan.ts";
import type { Check } from "./receipt.ts";

/** The parts of a plan that are well-formed by themselves. */
export interface PlanParts {
  readonly features?: readonly (Feature | undefined)[];
  readonly target?: Target;
  readonly split?: Split;
  readonly network?: readonly (Layer | undefined)[];
  readonly loss?: Loss;
}

/** What a network must be: a dense layer at its end, and nothing that wastes itself. */
export function checkNetwork({ network }: PlanParts): Check[] {
  if (network === undefined) return [];
  if (network.length === 0)
    return [fault("network", "network", "the network has no layers", "end it with `dense(…)`")];
  const checks: Check[] = [];
  const last = network.at(-1);
  if (last !== undefined && last.type !== "dense")
    checks.push(
      fault(
        "network",
        `network[${network.length - 1}].type`,
        `the last layer is \`${last.type}\``,
        "end the network with a dense layer as wide as the output",
      ),
    );
  network.forEach((layer, i) => {
    const next = network[i + 1];
    if (layer?.type === "dense" && next?.type === "dense" && layer.activation === "linear")
      checks.push({
        name: "network",
        verdict: "warn",
        where: `network[${i}].activation`,
        message: "two dense layers follow each other with nothing but a linear map between them",
        hint: "give the first an activation such as `relu`, or leave it out",
      });
  });
  return checks;
}

/** That target, loss, split and output layer go together. */
export function checkTargetLoss({ target, loss, split, network }: PlanParts): Check[] {
  const checks: Check[] = [];
  if (target?.kind === "number" && split?.kind === "stratified")
    checks.push(
      fault(
        "target",
        "split.kind",
        "a number has no classes whose shares a split could keep",
        "use `random`",
      ),
    );
  if (target === undefined || loss === undefined) return checks;
  const width = outputWidth(target, loss.type);
  if (width === undefined)
    return [
      ...checks,
      fault(
        "target",
        "loss.type",
        `\`${loss.type}\` does not fit ${describe(target)}`,
        lossFor(target),
      ),
    ];
  const last = network?.at(-1);
  if (network === undefined || last === undefined || last.type !== "dense") return checks;
  const where = `network[${network.length - 1}]`;
  if (last.units !== width)
    checks.push(
      fault(
        "target",
        `${where}.units`,
        `the last layer has ${last.units} ${last.units === 1 ? "unit" : "units"}, but ${describe(target)} needs ${width}`,
        `use \`dense(${width})\``,
      ),
    );
  if (last.activation !== "linear")
    checks.push(
      fault(
        "target",
        `${where}.activation`,
        `the last layer ends in \`${last.activation}\`, but the loss is taken from the linear output`,
        "use `linear`; the loss applies what it needs by itself",
      ),
    );
  return checks;
}

/** Whether the optimiser is set as people set it. */
export function checkLearning(optimizer: Optimizer | undefined): Check[] {
  const checks: Check[] = [];
  const usual = optimizer?.type === "sgd" ? 10 : 1;
  if (optimizer !== undefined && optimizer.lr > usual)
    checks.push({
      name: "learning",
      verdict: "warn",
      where: "optimizer.lr",
      message: `a learning rate of ${optimizer.lr} is far above what ${optimizer.type} is used with`,
      hint: optimizer.type === "sgd" ? "try 0.1" : "try 0.001",
    });
  return checks;
}

/** Units of the output layer, or undefined where the loss does not fit the target. */
function outputWidth(target: Target, loss: string): number | undefined {
  const classes = targetClasses(target);
  if (loss === "softmaxCrossEntropy") return classes?.length;
  if (loss === "sigmoidCrossEntropy") return classes?.length === 2 ? 1 : undefined;
  return classes === undefined ? 1 : undefined;
}

function describe(target: Target): string {
  if (target.kind === "number") return `the number \`${target.column}\``;
  if (target.kind === "boolean") return `the truth value \`${target.column}\``;
  return `the target \`${target.column}\` of ${target.vocabulary.length} classes`;
}

function lossFor(target: Target): string {
  if (target.kind === "number") return "use `meanSquaredError`";
  return target.kind === "boolean" || target.vocabulary.length === 2
    ? "use `sigmoidCrossEntropy`, or `softmaxCrossEntropy` with two units"
    : "use `softmaxCrossEntropy`";
}
