/** Metrics that a person looks for first, the most telling ahead, and how the field writes them. */
const names: Readonly<Record<string, string>> = {
  pr_auc: "PR-AUC",
  roc_auc: "ROC-AUC",
  loss: "loss",
  calibration_error: "calibration error",
  accuracy: "accuracy",
  macro_f1: "macro F1",
  mean_absolute_error: "mean absolute error",
};

/** A metric's name as a person writes it: `validation_pr_auc` → `validation PR-AUC`. */
export function metricName(name: string): string {
  const known = Object.keys(names).find((end) => name === end || name.endsWith(`_${end}`));
  if (known === undefined) return name.replaceAll("_", " ");
  return `${name.slice(0, -known.length).replaceAll("_", " ")}${names[known] ?? known}`;
}

/**
 * The names of metrics in the order in which a person looks for them: those of the validation rows,
 * with or without their prefix, then all others as they came.
 */
export function inOrderOfInterest(metrics: Iterable<string>): string[] {
  const order = Object.keys(names);
  const rank = (name: string): number => {
    const at = order.indexOf(name.replace(/^validation_/, ""));
    return at < 0 ? order.length : at;
  };
  return [...metrics].sort((a, b) => rank(a) - rank(b));
}
