/** How deep values are followed. */
const deepest = 200;

/**
 * The texts in a JSON value, a line each, for a search. A member stands beside its name, which may
 * say what it is, and nothing is escaped: `password="…"`.
 */
export function* valueText(value: unknown, name = "", depth = 0): Generator<string> {
  if (typeof value === "string") yield name === "" ? `${value}\n` : `${name}="${value}"\n`;
  else if (typeof value === "number" || typeof value === "bigint") yield `${name}: ${value}\n`;
  else if (typeof value !== "object" || value === null || depth > deepest) return;
  else if (Array.isArray(value)) for (const item of value) yield* valueText(item, name, depth + 1);
  else for (const [key, member] of Object.entries(value)) yield* valueText(member, key, depth + 1);
}
