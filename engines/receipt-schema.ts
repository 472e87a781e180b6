import * as v from "valibot";
import { digestPattern } from "../runtime/sha256.ts";
import { receiptStages, type Receipt, type ReceiptBody } from "./receipt.ts";

/** A SHA-256 digest as it stands in files and messages: 64 lower-case hex digits. */
export const digestSchema = v.pipe(
  v.string(),
  v.regex(digestPattern, "expected a SHA-256 digest: 64 lower-case hex digits"),
);

/** A sentence or a name; long enough for any message, short enough for a ledger. */
const text = v.pipe(v.string(), v.maxLength(20_000));
const verdict = v.picklist(["pass", "warn", "fail", "abort"]);

const bodyEntries = {
  stage: v.picklist(receiptStages),
  verdict,
  summary: text,
  checks: v.pipe(
    v.array(
      v.strictObject({
        name: text,
        verdict,
        message: text,
        where: v.exactOptional(text),
        hint: v.exactOptional(text),
      }),
    ),
    v.maxLength(10_000),
  ),
  subject: v.strictObject({
    plan: v.exactOptional(digestSchema),
    recipe: v.exactOptional(digestSchema),
    data: v.exactOptional(v.record(text, digestSchema)),
    blob: v.exactOptional(digestSchema),
    run: v.exactOptional(digestSchema),
    override: v.exactOptional(digestSchema),
  }),
  metrics: v.record(text, v.pipe(v.number(), v.finite())),
  environment: v.record(text, text),
};

/** What a receipt says before somebody vouches for it. */
export const receiptBodySchema: v.GenericSchema<unknown, ReceiptBody> = v.strictObject(bodyEntries);

/** A receipt's form; whether its `id` is the digest of the rest is for its reader to check. */
export const receiptSchema: v.GenericSchema<unknown, Receipt> = v.strictObject({
  kind: v.literal("tierbook.receipt"),
  version: v.literal(1),
  id: digestSchema,
  at: v.pipe(v.string(), v.isoTimestamp()),
  vouchedBy: v.picklist(["frame", "shell", "server"]),
  ...bodyEntries,
});
