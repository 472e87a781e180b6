import type { Place } from "./place.ts";

/**
 * Finds the source's place of a place in generated text, by the `mappings` of a source map of one
 * source (ECMA-426): lines end at `;`, segments at `,`, numbers are base64 VLQ, relative to those of
 * the segment before.
 */
export function originalPlaces(mappings: string): (generated: Place) => Place {
  let sourceLine = 0;
  let sourceColumn = 0;
  const lines = mappings.split(";").map((line) => {
    let column = 0;
    return line.split(",").flatMap((text) => {
      const [columns = 0, , down, right] = decodeNumbers(text);
      column += columns;
      if (down === undefined || right === undefined) return [];
      sourceLine += down;
      sourceColumn += right;
      return [{ column, source: { line: sourceLine + 1, column: sourceColumn + 1 } }];
    });
  });
  return ({ line, column }) => {
    for (let at = Math.min(line, lines.length); at > 0; at--) {
      const limit = at === line ? column - 1 : Infinity;
      const segment = lines[at - 1]?.findLast((candidate) => candidate.column <= limit);
      if (segment) return segment.source;
    }
    return { line: 1, column: 1 };
  };
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function decodeNumbers(text: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of text) {
    const digit = digits.indexOf(character);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    value = shift = 0;
  }
  return numbers;
}
