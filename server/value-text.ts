/** How deep values are followed, and how long what names one may be. */
const deepest = 200;
const longestName = 100;

/**
 * The texts in a JSON value, a line each, for a search. A member stands beside its name, which may
 * say what it is, and nothing is escaped: `password="…"`. In a list a text may be named by the one
 * before it.
 */
export function* valueText(value: unknown, name = "", depth = 0): Generator<string> {
  if (typeof value === "string") yield name === "" ? `${value}\n` : `${name}="${value}"\n`;
  else if (typeof value === "number" || typeof value === "bigint") yield `${name}: ${value}\n`;
  else if (typeof value !== "object" || value === null || depth > deepest) return;
  else if (Array.isArray(value)) yield* listText(value, name, depth);
  else for (const [key, member] of Object.entries(value)) yield* valueText(member, key, depth + 1);
}

function* listText(items: readonly unknown[], name: string, depth: number): Generator<string> {
  let before = name;
  for (const item of items) {
    yield* valueText(item, before, depth + 1);
    before = typeof item === "string" && item.length <= longestName ? item : name;
  }
}
