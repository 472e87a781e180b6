import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  readSafetensors,
  SafetensorsError,
  writeSafetensors,
  type SavedTensor,
} from "../../engines/safetensors.ts";

/** A file by the format's description, without our writer. */
function file(header: string | object, bytes = new Uint8Array(), length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const whole = new Uint8Array(8 + text.length + bytes.length);
  new DataView(whole.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  whole.set(text, 8);
  whole.set(bytes, 8 + text.length);
  return whole;
}

const tensor: fc.Arbitrary<SavedTensor> = fc
  .tuple(fc.constantFrom("F32", "F64", "I32", "U32"), fc.array(fc.nat(4), { maxLength: 3 }))
  .chain(([type, shape]) =>
    fc
      .array(fc.integer({ min: 0, max: 1e6 }), {
        minLength: shape.reduce((a, b) => a * b, 1),
        maxLength: shape.reduce((a, b) => a * b, 1),
      })
      .map((values) => ({
        shape,
        values:
          type === "F32"
            ? Float32Array.from(values, (v) => v / 7)
            : type === "F64"
              ? Float64Array.from(values, (v) => v / 7)
              : type === "I32"
                ? Int32Array.from(values, (v) => -v)
                : Uint32Array.from(values),
      })),
  );

describe("safetensors", () => {
  test("what is written is read back, bit by bit", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), tensor, { maxKeys: 5 }),
        fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
        (tensors, metadata) => {
          const names = Object.keys(tensors).filter((name) => name !== "__proto__");
          const safe = Object.fromEntries(
            Object.entries(metadata).filter(([name]) => name !== "__proto__"),
          );
          const map = new Map(
            names.flatMap((name) => (tensors[name] ? [[name, tensors[name]]] : [])),
          );
          const back = readSafetensors(writeSafetensors({ tensors: map, metadata: safe }));
          expect(new Map([...back.tensors].sort())).toEqual(new Map([...map].sort()));
          expect(back.metadata).toEqual(safe);
        },
      ),
    );
  });

  test("reads a file written by the format's description", () => {
    const bytes = new Uint8Array(Float32Array.of(1.5, -2).buffer);
    const header = { w: { dtype: "F32", shape: [2, 1], data_offsets: [0, 8] } };
    const { tensors, metadata } = readSafetensors(file(header, bytes));
    expect(tensors.get("w")).toEqual({ shape: [2, 1], values: Float32Array.of(1.5, -2) });
    expect(metadata).toEqual({});
  });

  test("writes a header that begins with a brace and ends on eight bytes", () => {
    const bytes = writeSafetensors({
      tensors: new Map([["w", { shape: [1], values: Float32Array.of(1) }]]),
      metadata: { a: "b" },
    });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    expect(bytes[8]).toBe(0x7b);
    expect(bytes.length).toBe(8 + length + 4);
  });

  const w = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const eight = new Uint8Array(8);
  test.each<[string, Uint8Array]>([
    ["shorter than its length field", new Uint8Array(7)],
    ["a header longer than the file", file({ w }, eight, 1_000n)],
    ["a header of 2^63 bytes", file({ w }, eight, 2n ** 63n)],
    ["no JSON", file("{w}", eight)],
    ["no object", file("[1]")],
    ["a header with a space before the brace", file(' {"__metadata__":{}}')],
    ["broken UTF-8", file("{}").fill(0xff, 8)],
    ["a tensor named twice", file(`{"w":${JSON.stringify(w)},"w":${JSON.stringify(w)}}`, eight)],
    ["offsets past the end", file({ w: { ...w, data_offsets: [0, 16], shape: [4] } }, eight)],
    ["offsets turned round", file({ w: { ...w, data_offsets: [8, 0] } }, eight)],
    ["negative offsets", file({ w: { ...w, data_offsets: [-8, 0] } }, eight)],
    ["a shape that is not its bytes", file({ w: { ...w, shape: [3] } }, eight)],
    ["a shape of 2^60", file({ w: { ...w, shape: [2 ** 30, 2 ** 30] } }, eight)],
    ["a fractional shape", file({ w: { ...w, shape: [0.5] } }, eight)],
    ["nine dimensions", file({ w: { ...w, shape: [2, 1, 1, 1, 1, 1, 1, 1, 1] } }, eight)],
    ["an unknown type", file({ w: { ...w, dtype: "PICKLE" } }, eight)],
    ["overlapping tensors", file({ w, v: w }, eight)],
    ["a hole", file({ w: { ...w, data_offsets: [8, 16] } }, new Uint8Array(16))],
    ["bytes of no tensor", file({ w }, new Uint8Array(12))],
    ["metadata that is no text", file({ __metadata__: { a: 1 } })],
    ["a tensor that is no object", file({ w: 3 }, eight)],
  ])("refuses %s", (_, bytes) => {
    expect(() => readSafetensors(bytes)).toThrow(SafetensorsError);
  });

  test("refuses any damaged file with its own error and nothing else", () => {
    const whole = writeSafetensors({
      tensors: new Map([["w", { shape: [2], values: Float32Array.of(1, 2) }]]),
      metadata: { format: "x" },
    });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, end) => {
        const damaged = whole.slice(0, end);
        if (at < damaged.length) damaged[at] = byte;
        try {
          readSafetensors(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(SafetensorsError);
        }
      }),
    );
  });
});
