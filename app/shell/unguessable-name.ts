/** A name that nobody else has or guesses. A page of a plain `http:` host has no `randomUUID`. */
export function unguessableName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
