import type { FingerprintParts } from "./cell-fingerprint.ts";
import type { FingerprintRecord, RecordedInput } from "./fingerprint-record.ts";

/** One part of a fingerprint that differs between two runs of a cell. */
export interface FingerprintChange {
  /**
   * `mode` and `code`: of the cell itself. `cell`: a value that another cell gives. `input`: a value
   * that a person sets in an input. `file`: a file's bytes. `builtin`: a builtin's value, such as
   * `width`. `global`: a global that the code reads. `builtins`: the version of all builtins.
   * `volatile`: the cell reads the clock, randomness or the network, so that no two runs are equal.
   */
  readonly part:
    "mode" | "code" | "cell" | "input" | "file" | "builtin" | "global" | "builtins" | "volatile";
  /** the name of the value, or the path of the file */
  readonly name?: string;
  /** the cell that gives the value */
  readonly cell?: number;
  /** whether the part is in both runs, only in the later one, or only in the earlier one */
  readonly how: "changed" | "added" | "removed";
}

/** What differs between two runs of a cell: exactly the parts of the fingerprint that do. */
export function fingerprintChanges(
  before: FingerprintRecord,
  after: FingerprintRecord,
): readonly FingerprintChange[] {
  const [was, is] = [before.parts(), after.parts()];
  return [
    ...(was.mode === is.mode ? [] : [{ part: "mode", how: "changed" } as const]),
    ...(was.code === is.code ? [] : [{ part: "code", how: "changed" } as const]),
    ...inputChanges(before, after, was, is),
    ...differences(was.files, is.files).map(
      ({ name, how }) => ({ part: "file", name, how }) as const,
    ),
    ...differences(only("builtins", was.builtins), only("builtins", is.builtins)).map(
      ({ how }) => ({ part: "builtins", how }) as const,
    ),
    ...differences(only("volatile", was.serial), only("volatile", is.serial)).map(
      ({ how }) => ({ part: "volatile", how }) as const,
    ),
  ];
}

/** What an input is to the person: where its value comes from. */
export function inputSource({
  name,
  from,
  isBuiltin,
}: RecordedInput): Pick<FingerprintChange, "part" | "name" | "cell"> {
  if (from === undefined) return { part: isBuiltin ? "builtin" : "global", name };
  return { part: from.isSetByPerson(name) ? "input" : "cell", name, cell: from.cell };
}

function inputChanges(
  before: FingerprintRecord,
  after: FingerprintRecord,
  was: FingerprintParts,
  is: FingerprintParts,
): readonly FingerprintChange[] {
  const inputs = new Map(
    [...before.inputs, ...after.inputs].map((input) => [input.name, input] as const),
  );
  return differences(was.inputs, is.inputs).flatMap(({ name, how }) => {
    const input = inputs.get(name);
    return input === undefined ? [] : [{ ...inputSource(input), how }];
  });
}

type Named = Readonly<Record<string, string | number>>;

function only(name: string, value: string | number | undefined): Named {
  return value === undefined ? {} : { [name]: value };
}

function differences(
  was: Named,
  is: Named,
): readonly { readonly name: string; readonly how: FingerprintChange["how"] }[] {
  const names = new Set([...Object.keys(was), ...Object.keys(is)]);
  return [...names]
    .filter((name) => was[name] !== is[name])
    .sort()
    .map((name) => ({
      name,
      how: !Object.hasOwn(was, name) ? "added" : !Object.hasOwn(is, name) ? "removed" : "changed",
    }));
}
