import type { Verdict } from "../engines/receipt.ts";
import type { Card, CardCurve, CardPart, CardTable } from "./card.ts";
import { count, formatNumber } from "./number-format.ts";
import { marks, statusWords } from "./status-word.ts";

/** How a word is coloured, where there are colours. */
export type Paint = (text: string, tone: Card["status"] | Verdict | "quiet" | "strong") => string;

/**
 * A card as plain text, one fact a line, without a line break at the end.
 *
 * @param paint colours a piece of the text; by default there are no colours
 */
export function printCard(card: Card, paint: Paint = (text) => text): string {
  const status = paint(`${marks[card.status]} ${statusWords[card.status]}`, card.status);
  const head = `${paint(card.title, "strong")}  ${status}  ${card.summary}`;
  const parts = card.parts.flatMap((part) => printPart(part, paint));
  return [head, ...parts.map((line) => `  ${line}`.trimEnd())].join("\n");
}

function printPart(part: CardPart, paint: Paint): string[] {
  switch (part.type) {
    case "facts": {
      const longest = Math.max(0, ...part.facts.map(({ label }) => label.length));
      return part.facts.map(
        ({ label, value }) => `${paint(label.padEnd(longest), "quiet")}  ${value}`,
      );
    }
    case "checks":
      return part.checks.flatMap(({ verdict, name, where, message, hint }) => [
        `${paint(marks[verdict], verdict)} ${name}: ${where === undefined ? "" : `${where}: `}${message}`,
        ...(hint === undefined ? [] : [paint(`    ${hint}`, "quiet")]),
      ]);
    case "table":
      return printTable(part, paint);
    case "curve":
      return part.domain === undefined ? printLines(part) : printShares(part);
    case "progress":
      return [
        `${part.label} (${part.done.toLocaleString("en")} of ${part.total.toLocaleString("en")} steps)`,
      ];
    case "confusion":
      return printTable(
        {
          type: "table",
          columns: [
            { name: "actual \\ predicted", align: "left" },
            ...part.labels.map((name) => ({ name, align: "right" as const })),
          ],
          rows: part.labels.map((label, i) => [
            label,
            ...part.labels.map((_, j) => (part.counts[i]?.[j] ?? 0).toLocaleString("en")),
          ]),
        },
        paint,
      );
    case "note":
      return [
        part.verdict === "pass"
          ? paint(part.text, "quiet")
          : `${paint(marks[part.verdict], part.verdict)} ${part.text}`,
      ];
  }
}

/** Lines over steps: each as blocks, and from where to where it went. */
function printLines({ title, series }: CardCurve): string[] {
  return series.map(({ name, points }) => {
    const first = points[0]?.[1];
    const last = points.at(-1)?.[1];
    return first === undefined || last === undefined
      ? `${title}, ${name}: nothing yet`
      : `${title}, ${name}: ${sparkline(points.map(([, y]) => y))}  ${formatNumber(first)} → ${formatNumber(last)}`;
  });
}

/**
 * One share by another: the nearest point to each tenth of the horizontal axis, with its rows where
 * they are known.
 */
function printShares({ title, x, y, series }: CardCurve): string[] {
  const two = (share: number): string => share.toFixed(2);
  return series.flatMap(({ points, rows }) => {
    const texts = points.map(([at, value], i): readonly [number, string] => {
      const behind = rows?.[i] === undefined ? "" : ` (${count(rows[i], "row")})`;
      return [at, `${two(at)} → ${two(value)}${behind}`];
    });
    const shown = byTenths(texts).map(([, text]) => text);
    return [`${title}, ${x} → ${y ?? "value"}:`, ...inLines(shown, rows === undefined ? 4 : 3)];
  });
}

function byTenths<Point extends readonly [x: number, ...unknown[]]>(
  points: readonly Point[],
): readonly Point[] {
  if (points.length <= 11) return points;
  const nearest = Array.from({ length: 11 }, (_, i) =>
    points.reduce((best, point) =>
      Math.abs(point[0] - i / 10) < Math.abs(best[0] - i / 10) ? point : best,
    ),
  );
  return [...new Set(nearest)];
}

function inLines(texts: readonly string[], most: number): string[] {
  const lines: string[] = [];
  for (let i = 0; i < texts.length; i += most)
    lines.push(`  ${texts.slice(i, i + most).join("   ")}`);
  return lines;
}

function printTable({ caption, columns, rows, total }: CardTable, paint: Paint): string[] {
  const widths = columns.map(({ name }, i) =>
    Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, i) => {
        const text = cells[i] ?? "";
        const width = widths[i] ?? 0;
        return align === "right" ? text.padStart(width) : text.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return [
    ...(caption === undefined ? [] : [caption]),
    paint(line(columns.map(({ name }) => name)), "quiet"),
    ...rows.map(line),
    ...(total !== undefined && total > rows.length
      ? [paint(`${rows.length} of ${total.toLocaleString("en")} rows`, "quiet")]
      : []),
  ];
}

/** At most 40 blocks, each the mean of its share of the values. */
function sparkline(values: readonly number[]): string {
  const blocks = "▁▂▃▄▅▆▇█";
  const size = Math.max(1, Math.ceil(values.length / 40));
  const means: number[] = [];
  for (let i = 0; i < values.length; i += size) {
    const some = values.slice(i, i + size);
    means.push(some.reduce((sum, value) => sum + value, 0) / some.length);
  }
  const low = Math.min(...means);
  const range = Math.max(...means) - low || 1;
  return means.map((mean) => blocks[Math.round(((mean - low) / range) * 7)] ?? "").join("");
}
