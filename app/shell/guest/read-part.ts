import { PublicationError, type Part } from "../../../cells/share/publication.ts";
import { hexFromBytes } from "../../../runtime/hex.ts";
import { Sha256 } from "../../../runtime/sha256.ts";

/**
 * The bytes of a part, if they are what its digest names.
 *
 * @throws {PublicationError} `changed` for any other bytes
 */
export async function readPart(
  response: Response,
  { digest, size }: Part,
): Promise<Uint8Array<ArrayBuffer>> {
  // The browser's own SHA-256 is faster; on a plain `http:` host there is none, whatever its type says.
  const subtle: SubtleCrypto | undefined = globalThis.crypto.subtle;
  const hash = new Sha256();
  const bytes = await readBytes(response, size, (chunk) => {
    if (subtle === undefined) hash.update(chunk);
  });
  if (bytes.byteLength !== size) throw changed();
  const found =
    subtle === undefined
      ? hash.digest()
      : hexFromBytes(new Uint8Array(await subtle.digest("SHA-256", bytes)));
  if (found !== digest) throw changed();
  return bytes;
}

/**
 * The body of a response. Of a longer one no more than the bound is ever held.
 *
 * @param most bytes
 * @param hear hears every piece as it comes
 * @throws {PublicationError} `changed` where there are more
 */
export async function readBytes(
  response: Response,
  most: number,
  hear: (chunk: Uint8Array) => void = () => undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  const reader = response.body?.getReader();
  for (let step = await reader?.read(); step?.value !== undefined; step = await reader?.read()) {
    total += step.value.byteLength;
    if (total > most) {
      void reader?.cancel().catch(() => undefined);
      throw changed();
    }
    hear(step.value);
    chunks.push(step.value);
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

function changed(): PublicationError {
  return new PublicationError(
    "What is here is not what the link names: a part of it was changed or is not whole",
    "changed",
  );
}
