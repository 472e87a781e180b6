import { base64FromBytes, bytesFromBase64 } from "../base64.ts";

/** Bytes as base64 for addresses, without padding (RFC 4648, section 5). */
export function base64urlFromBytes(bytes: Uint8Array): string {
  return base64FromBytes(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** The bytes of base64 for addresses; `undefined` for a text that is none. */
export function bytesFromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined;
  return bytesFromBase64(text.replace(/-/g, "+").replace(/_/g, "/"));
}
