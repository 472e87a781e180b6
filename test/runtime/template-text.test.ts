import * as fc from "fast-check";
import { expect, test } from "vitest";
import { TemplateText, type TemplateStrings } from "../../runtime/template-text.ts";

function template(raw: readonly string[]): TemplateStrings {
  return Object.assign([...raw], { raw });
}

test("the whole text is what String.raw gives", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string(), { minLength: 1 }),
      fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(undefined))),
      (strings, more) => {
        const values = strings.slice(1).map((_, i) => more[i]);
        expect(new TemplateText(template(strings), values).text).toBe(
          String.raw({ raw: strings }, ...values),
        );
      },
    ),
  );
});

test("an error in a text stands there; one in a value stands where the value is put in", () => {
  const strings = template(["ab", "cd", ""]);
  const whole = new TemplateText(strings, ["123", "4"]);
  const places = Array.from(whole.text, (_, offset) => {
    const { index, offset: within } = whole.errorAt(offset, "no");
    return [index, within];
  });
  expect(whole.text).toBe("ab123cd4");
  expect(places).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
    [0, 2],
    [0, 2],
    [1, 0],
    [1, 1],
    [1, 2],
  ]);
  expect(whole.errorAt(99, "no")).toMatchObject({ index: 2, offset: 0, strings, code: "template" });
});
