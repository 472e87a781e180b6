import { base64FromBytes } from "../base64.ts";

/** The most bytes of one image that a report holds. */
const mostBytes = 8 << 20;

/**
 * An address's bytes as a data URL.
 *
 * @throws {RangeError} for more than a report holds; whatever `fetch` throws
 */
export async function dataUrlOf(address: string): Promise<string> {
  const response = await fetch(address);
  if (!response.ok) throw new RangeError(`${address} gives ${response.status}`);
  const blob = await response.blob();
  if (!blob.type.startsWith("image/")) throw new RangeError(`${address} is no image`);
  if (blob.size > mostBytes) throw new RangeError(`${address} has more than ${mostBytes} bytes`);
  return `data:${blob.type};base64,${base64FromBytes(new Uint8Array(await blob.arrayBuffer()))}`;
}
