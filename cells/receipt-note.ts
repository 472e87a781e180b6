import type { ReceiptBody } from "../engines/receipt.ts";
import type { Card } from "./card.ts";
import type { Host } from "./host.ts";

/**
 * Writes a receipt of what the workbook itself found. Such a receipt opens nothing, so one that
 * cannot be written is said on the card and stops nobody.
 *
 * @returns the card with the receipt's id, or with a note that says why there is none
 */
export async function writeReceipt(host: Host, body: ReceiptBody, card: Card): Promise<Card> {
  try {
    return { ...card, receipt: (await host.receipt(body)).id };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const text = `The receipt could not be written: ${reason}`;
    return { ...card, parts: [...card.parts, { type: "note", verdict: "warn", text }] };
  }
}
