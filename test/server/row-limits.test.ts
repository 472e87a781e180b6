import { tmpdir, totalmem } from "node:os";
import { expect, test } from "vitest";
import { rowLimits } from "../../server/row-limits.ts";

test("limits are what the environment says", async () => {
  expect(
    await rowLimits(tmpdir(), {
      TIERBOOK_ROWS_MEMORY: "1.5GB",
      TIERBOOK_ROWS_SECONDS: "90",
      TIERBOOK_ROWS_DISK: "20 mb",
    }),
  ).toEqual({ memoryBytes: 1.5e9, seconds: 90, diskBytes: 20e6 });
});

test("unsaid, they are 4 GB or a quarter of the memory, ten minutes, and half of the free disk", async () => {
  const limits = await rowLimits(tmpdir(), {});
  expect(limits).toMatchObject({ memoryBytes: Math.min(4e9, totalmem() / 4), seconds: 600 });
  expect(limits.diskBytes).toBeGreaterThan(0);
});

test.each([
  { TIERBOOK_ROWS_MEMORY: "much" },
  { TIERBOOK_ROWS_MEMORY: "-1GB" },
  { TIERBOOK_ROWS_DISK: "0" },
  { TIERBOOK_ROWS_SECONDS: "0" },
  { TIERBOOK_ROWS_SECONDS: "soon" },
])("%o is refused by name", async (environment) => {
  const [name = ""] = Object.keys(environment);
  await expect(rowLimits(tmpdir(), environment)).rejects.toThrow(name);
});
