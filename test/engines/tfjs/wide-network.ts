import { createTfjsEngine } from "../../../engines/tfjs/index.ts";
import { someTable } from "../some-rows.ts";
import { collect } from "../collect.ts";
import { widePlan } from "./wide-plan.ts";

/** Losses of a network whose backward pass reaches tfjs's wrong matrix product. */
export async function wideLosses(): Promise<readonly number[]> {
  const { losses } = await collect(createTfjsEngine(), widePlan, someTable(60), {
    device: "webgpu",
  });
  return losses;
}
