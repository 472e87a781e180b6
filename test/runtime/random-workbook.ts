import fc from "fast-check";
import type { Cell } from "../../runtime/cell.ts";
import { cell } from "./open-workbook.ts";

/** A cell `x1`, `x2`, … of a random workbook: it adds its inputs to a number of its own. */
export interface RandomCell {
  readonly id: number;
  /** ids of the cells that it reads; they may be missing */
  readonly reads: readonly number[];
  readonly own: number;
  /** the value is taken modulo this, so that values often come out equal */
  readonly modulus: number;
  /** a number; a new object that equals another; an object that equals none but itself */
  readonly shape: "number" | "json" | "opaque";
  readonly body: Body;
  /** how many milliseconds a body takes that waits */
  readonly delay: number;
  /** whether its own number is written in another way, which is another code for the same value */
  readonly isRoundabout: boolean;
  /** comments and spaces, which are no part of the code */
  readonly style: number;
}

/** How a body comes to its value, or why it does not. */
export type Body =
  | "plain"
  | "awaits"
  | "gives a promise"
  | "yields"
  | "yields later"
  | "yields twice"
  | "throws"
  | "rejects"
  | "gives a rejected promise";

/** A random cell in a workbook. One that is absent may come back. */
export interface Place {
  readonly cell: RandomCell;
  readonly isPresent: boolean;
  readonly isDisabled: boolean;
}

/** A change of one cell. */
export type Edit = { readonly id: number } & (
  | { readonly cell: Partial<RandomCell> }
  | { readonly isDisabled: boolean }
  | { readonly isPresent: boolean }
);

/** A random workbook and what is done to it, in order. */
export interface Script {
  readonly places: readonly Place[];
  readonly edits: readonly Edit[];
}

/** Workbooks of two to seven cells, and one to eight edits, half of them of one and the same cell. */
export function arbitraryScript(bodies: readonly Body[]): fc.Arbitrary<Script> {
  const arbitrarySize = fc
    .integer({ min: 2, max: 7 })
    .chain((size) =>
      fc.record({ size: fc.constant(size), favourite: fc.integer({ min: 1, max: size }) }),
    );
  return arbitrarySize.chain(({ size, favourite }) =>
    fc.record({
      places: fc.tuple(...Array.from({ length: size }, (_, i) => arbitraryPlace(i + 1, bodies))),
      edits: fc.array(
        fc
          .oneof(fc.constant(favourite), fc.integer({ min: 1, max: size }))
          .chain((id) => arbitraryEdit(id, bodies)),
        { minLength: 1, maxLength: 8 },
      ),
    }),
  );
}

function arbitraryPlace(id: number, bodies: readonly Body[]): fc.Arbitrary<Place> {
  return fc.record({
    cell: fc.record(arbitraryParts(id, bodies)),
    isPresent: fc.integer({ max: 9, min: 0 }).map((n) => n > 0),
    isDisabled: fc.integer({ max: 9, min: 0 }).map((n) => n === 9),
  });
}

function arbitraryEdit(id: number, bodies: readonly Body[]): fc.Arbitrary<Edit> {
  const { own, reads, modulus, shape, body, isRoundabout, style } = arbitraryParts(id, bodies);
  const parts: readonly fc.Arbitrary<Partial<RandomCell>>[] = [
    fc.record({ own }),
    fc.record({ own }),
    fc.record({ own, isRoundabout }),
    fc.record({ isRoundabout }),
    fc.record({ style }),
    fc.record({ reads }),
    fc.record({ modulus }),
    fc.record({ shape }),
    fc.record({ body }),
  ];
  return fc.oneof(
    { weight: 6, arbitrary: fc.oneof(...parts).map((part) => ({ id, cell: part })) },
    { weight: 1, arbitrary: fc.record({ id: fc.constant(id), isDisabled: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ id: fc.constant(id), isPresent: fc.boolean() }) },
  );
}

function arbitraryParts(
  id: number,
  bodies: readonly Body[],
): { readonly [Key in keyof RandomCell]: fc.Arbitrary<RandomCell[Key]> } {
  return {
    id: fc.constant(id),
    reads: fc
      .subarray(Array.from({ length: id - 1 }, (_, i) => i + 1))
      .map((reads) => reads.slice(-3)),
    own: fc.integer({ min: 0, max: 9 }),
    modulus: fc.constantFrom(1, 2, 1000, 1000),
    shape: fc.constantFrom("number", "number", "json", "opaque"),
    body: fc.constantFrom(...bodies),
    delay: fc.integer({ min: 0, max: 6 }),
    isRoundabout: fc.boolean(),
    style: fc.integer({ min: 0, max: 3 }),
  };
}

/** The places after an edit. */
export function edited(places: readonly Place[], edit: Edit): readonly Place[] {
  return places.map((place) => {
    if (place.cell.id !== edit.id) return place;
    return "cell" in edit
      ? { ...place, cell: { ...place.cell, ...edit.cell } }
      : { ...place, ...edit };
  });
}

/** The cells of a workbook that are there. */
export function cellsOf(places: readonly Place[]): readonly Cell[] {
  return places
    .filter(({ isPresent }) => isPresent)
    .map(({ cell: random }) => cell(random.id, sourceOf(random)));
}

function sourceOf(random: RandomCell): string {
  const code = codeOf(random);
  switch (random.style) {
    case 1:
      return `// a comment\n${code}`;
    case 2:
      return code.replaceAll(", ", ",   ");
    case 3:
      return `/* ${random.own} */ ${code} // done`;
    default:
      return code;
  }
}

/** The code of a cell, less comments and spaces, which are no part of it. */
export function codeOf({
  id,
  reads,
  own,
  modulus,
  shape,
  body,
  delay,
  isRoundabout,
}: RandomCell): string {
  const number = isRoundabout ? `${own + 1} - 1` : String(own);
  const inputs = reads.map((read) => `, x${read}`).join("");
  const made = `step(${id}, "${shape}", ${modulus}, ${number}${inputs})`;
  const name = `const x${id} =`;
  switch (body) {
    case "plain":
      return `${name} ${made};`;
    case "awaits":
      return `${name} await later(${delay}, ${made});`;
    case "gives a promise":
      return `${name} later(${delay}, ${made});`;
    case "yields":
      return `${name} (function* (value) { yield value; })(${made});`;
    case "yields later":
      return `${name} (async function* (value) { yield await later(${delay}, value); })(${made});`;
    case "yields twice":
      return `${name} (function* (value) { yield "soon"; yield value; })(${made});`;
    case "throws":
      return `${name} fail(${made});`;
    case "rejects":
      return `${name} fail(await later(${delay}, ${made}));`;
    case "gives a rejected promise":
      return `${name} later(${delay}, ${made}).then(fail);`;
  }
}

/** Whether a body of this kind never comes to a value. */
export function isFailing(body: Body): boolean {
  return body === "throws" || body === "rejects" || body === "gives a rejected promise";
}

/** Whether a body gives one value after another, so that its run cannot come back. */
export function isYielding(body: Body): boolean {
  return body === "yields" || body === "yields later" || body === "yields twice";
}

/** What the cells call: `ran` gets the id of each body that runs. */
export function randomBuiltins(ran: number[]): Readonly<Record<string, () => unknown>> {
  return {
    step:
      () =>
      (id: number, shape: RandomCell["shape"], ...numbers: readonly unknown[]) => {
        ran.push(id);
        const [modulus = 1, ...terms] = numbers.map(numberOf);
        return shaped(shape, terms.reduce((sum, term) => sum + term, 0) % modulus);
      },
    later: () => async (delay: number, value: unknown) => {
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      return value;
    },
    fail: () => () => {
      throw new Error("as it was written");
    },
  };
}

function shaped(shape: RandomCell["shape"], value: number): unknown {
  if (shape === "number") return value;
  return shape === "json" ? { value } : new Map([["value", value]]);
}

/** The number in a value of any shape. */
export function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (value instanceof Map) return Number(value.get("value"));
  return typeof value === "object" && value !== null && "value" in value ? Number(value.value) : 0;
}
