/** The units that spans of time are told in, in seconds, the longest first. */
const units = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/** A span of time in the longest unit that tells it in whole: `1 day`, `36 hours`, `90 seconds`. */
export function spanText(seconds: number): string {
  const [unit, length] = units.find(([, own]) => seconds % own === 0 && seconds > 0) ?? [
    "second",
    1,
  ];
  const count = seconds / length;
  return `${count.toLocaleString("en")} ${unit}${count === 1 ? "" : "s"}`;
}

/**
 * A moment as plans write it, in ISO 8601 and UTC: `2001-06-01` at midnight, else
 * `2001-06-01T12:00:00Z`.
 *
 * @param milliseconds since 1970 UTC
 */
export function momentText(milliseconds: number): string {
  const text = new Date(milliseconds).toISOString();
  if (text.endsWith("T00:00:00.000Z")) return text.slice(0, -"T00:00:00.000Z".length);
  return text.replace(".000Z", "Z");
}

/** Whether a text is a moment that plans can name, and there is such a day. */
export function isMoment(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,3})?Z)?$/.test(text)) return false;
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) return false;
  return new Date(milliseconds).toISOString().startsWith(text.slice(0, 19));
}
