import type { ReceiptBody } from "../engines/receipt.ts";
import type { CardPart } from "./card.ts";
import type { Host } from "./host.ts";

/**
 * Writes a receipt of what the workbook itself found. Such a receipt opens nothing, so one that
 * cannot be written is said on the card and stops nobody.
 *
 * @returns what the card has to add: nothing, where it was written
 */
export async function writeReceipt(host: Host, body: ReceiptBody): Promise<CardPart[]> {
  try {
    await host.receipt(body);
    return [];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [{ type: "note", verdict: "warn", text: `The receipt could not be written: ${reason}` }];
  }
}
