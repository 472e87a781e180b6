import { createHash } from "node:crypto";

/** names the form; another form has another name, and reads as damaged */
const magic = Buffer.from("tbresul1");
const digestAt = magic.length + 8;

/** How many bytes stand before a result's own in its file. */
export const resultHeaderBytes: number = digestAt + 32;

/**
 * A result as it lies on disk: the name of the form, the length (64 bits, little-endian), the SHA-256
 * of the bytes, the bytes.
 */
export function sealResult(bytes: Uint8Array): Uint8Array {
  const sealed = Buffer.allocUnsafe(resultHeaderBytes + bytes.byteLength);
  magic.copy(sealed);
  sealed.writeBigUInt64LE(BigInt(bytes.byteLength), magic.length);
  createHash("sha256").update(bytes).digest().copy(sealed, digestAt);
  sealed.set(bytes, resultHeaderBytes);
  return sealed;
}

/** The bytes in a file that {@link sealResult} made; undefined where it is not whole and unchanged. */
export function unsealResult(file: Buffer): Uint8Array<ArrayBuffer> | undefined {
  if (file.length < resultHeaderBytes || !file.subarray(0, magic.length).equals(magic))
    return undefined;
  const bytes = file.subarray(resultHeaderBytes);
  if (file.readBigUInt64LE(magic.length) !== BigInt(bytes.length)) return undefined;
  const digest = createHash("sha256").update(bytes).digest();
  if (!digest.equals(file.subarray(digestAt, resultHeaderBytes))) return undefined;
  return new Uint8Array(bytes);
}
