/** The most characters of a name that stand in a sentence. */
const mostCharacters = 200;

/**
 * A stranger's name or title as it may stand in a sentence of ours: on one line, of bounded length,
 * and without the characters that turn around the order of what follows them.
 */
export function strangersName(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, " ").trim();
  const characters = Array.from(plain.slice(0, 2 * mostCharacters + 2));
  return characters.length <= mostCharacters
    ? plain
    : `${characters.slice(0, mostCharacters).join("")}…`;
}
