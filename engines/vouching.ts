import { jsonDigest } from "../runtime/sha256.ts";
import type { Receipt, ReceiptBody, Voucher } from "./receipt.ts";

/** A receipt from its body: who says so, when, and the digest of all that as its id. */
export function vouchFor(
  body: ReceiptBody,
  vouchedBy: Voucher,
  at: string = new Date().toISOString(),
): Receipt {
  const rest = { kind: "tierbook.receipt", version: 1, at, vouchedBy, ...body } as const;
  return { ...rest, id: jsonDigest(rest) };
}

/** Whether a receipt's id is the digest of the rest of it. */
export function hasItsId({ id, ...rest }: Receipt): boolean {
  return jsonDigest(rest) === id;
}
