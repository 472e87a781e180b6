import { hexFromBytes } from "../../runtime/hex.ts";

/** A name that nobody else has or guesses. A page of a plain `http:` host has no `randomUUID`. */
export function unguessableName(): string {
  return hexFromBytes(crypto.getRandomValues(new Uint8Array(16)));
}
