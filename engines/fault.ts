import type { Check } from "./receipt.ts";

/** A check that failed. */
export function fault(name: string, where: string, message: string, hint?: string): Check {
  return {
    name,
    verdict: "fail",
    message,
    ...(where !== "" && { where }),
    ...(hint !== undefined && { hint }),
  };
}
