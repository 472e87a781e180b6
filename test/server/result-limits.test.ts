import { expect, test } from "vitest";
import { resultLimits } from "../../server/result-limits.ts";

test("limits are what the environment says; one result has 64 MiB at most", () => {
  expect(resultLimits({ TIERBOOK_RESULTS_DISK: "20 GB", TIERBOOK_RESULTS_ENTRY: "500kb" })).toEqual(
    { diskBytes: 20e9, entryBytes: 500e3 },
  );
  expect(resultLimits({ TIERBOOK_RESULTS_ENTRY: "1GB" }).entryBytes).toBe(64 * 1024 ** 2);
});

test("unsaid, they are 1 GiB in all and 64 MiB for one", () => {
  expect(resultLimits({})).toEqual({ diskBytes: 1024 ** 3, entryBytes: 64 * 1024 ** 2 });
});

test.each([{ TIERBOOK_RESULTS_DISK: "much" }, { TIERBOOK_RESULTS_ENTRY: "-1MB" }])(
  "%o is refused by name",
  (environment) => {
    const [name = ""] = Object.keys(environment);
    expect(() => resultLimits(environment)).toThrow(name);
  },
);
