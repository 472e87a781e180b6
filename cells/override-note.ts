import { overrideText } from "../engines/run-override.ts";
import type { RunSnapshot } from "../engines/run-state.ts";
import type { CardPart } from "./card.ts";

/** What a card says of a run that a person had started over its ladder; nothing of any other. */
export function overrideNote({ override }: Pick<RunSnapshot, "override">): readonly CardPart[] {
  return override === undefined
    ? []
    : [{ type: "note", verdict: "warn", text: overrideText(override) }];
}
