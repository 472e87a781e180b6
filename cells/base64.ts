/** Bytes as base64 (RFC 4648, section 4). */
export function base64FromBytes(bytes: Uint8Array): string {
  const pieces: string[] = [];
  // as many arguments as every engine takes
  for (let i = 0; i < bytes.length; i += 8192)
    pieces.push(String.fromCharCode(...bytes.subarray(i, i + 8192)));
  return btoa(pieces.join(""));
}

/** The bytes of base64. @throws {DOMException} for a text that is none */
export function bytesFromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
