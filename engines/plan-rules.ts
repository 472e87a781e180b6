import { fault } from "./fault.ts";
import { targetClasses } from "./plan-shape.ts";
import type { PlanParts } from "./plan-parts.ts";
import type { Optimizer, Target } from "./plan.ts";
import type { Check } from "./receipt.ts";

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

/** That there is a class for each weight. */
export function checkClassWeights({ target, loss }: PlanParts): Check[] {
  if (loss?.classWeights === undefined) return [];
  const where = "loss.classWeights";
  const classes = target === undefined ? undefined : targetClasses(target);
  if (loss.type === "meanSquaredError" || target?.kind === "number")
    return [fault("target", where, "a number has no classes to weigh", "leave the weights out")];
  const { classWeights } = loss;
  if (classWeights === "balanced" || classes === undefined) return [];
  if (classWeights.length === classes.length) return [];
  return [
    fault(
      "target",
      where,
      `there are ${classWeights.length} weights for ${classes.length} classes`,
      `give one a class, in the order ${classes.slice(0, 10).join(", ")}${classes.length > 10 ? ", …" : ""}; or "balanced"`,
    ),
  ];
}

/** That a column can say beforehand what the model is to predict, and does not say the answer. */
export function checkBaseline({ target, baseline }: PlanParts): Check[] {
  if (baseline === undefined || target === undefined) return [];
  const checks: Check[] = [];
  const classes = targetClasses(target);
  if (classes !== undefined && classes.length > 2)
    checks.push(
      fault(
        "target",
        "baseline",
        `one column cannot hold the probabilities of ${classes.length} classes`,
        "leave the baseline out: the commonest class stands in for it",
      ),
    );
  if (baseline.column === target.column)
    checks.push(
      fault(
        "target",
        "baseline.column",
        `\`${baseline.column}\` is the target: nothing can beat the answer itself`,
        "name a column that was there before the answer was known",
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
