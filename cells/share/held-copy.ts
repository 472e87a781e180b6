import * as v from "valibot";

/** What is known of a workbook that somebody else made, until the person lets it run. */
export interface HeldCopy {
  /** where it came from, as it stands after "comes from" */
  readonly from: string;
  /** what is other in this workspace than where it comes from, in sentences without a full stop */
  readonly notes: readonly string[];
}

export const heldCopySchema: v.GenericSchema<unknown, HeldCopy> = v.object({
  from: v.string(),
  notes: v.array(v.string()),
});

const fromText = v.pipe(v.string(), v.parseJson(), heldCopySchema);

/** A mark as it was kept. One that cannot be read is a mark all the same. */
export function readHeldCopy(text: string): HeldCopy {
  const parsed = v.safeParse(fromText, text);
  return parsed.success ? parsed.output : { from: "somebody else", notes: [] };
}
