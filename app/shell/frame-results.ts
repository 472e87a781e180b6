import { givingBytes } from "../../cells/giving-bytes.ts";
import type { ShellApi } from "../protocol.ts";
import { fewAtOnce } from "../../cells/few-at-once.ts";
import { ApiError } from "./api.ts";
import type { Backend } from "./backend.ts";

/** What the shell asks the server about a workbook's results. */
export type ResultApi = Pick<
  Backend,
  "results" | "result" | "keepResult" | "forgetResult" | "clearResults"
>;

/** The most bytes of results that a frame may have the shell hold until they are written. */
export const maxHeldBytes: number = 128 << 20;
/** The most bytes of results that a frame may write in a minute, once the first as many are written. */
export const maxBytesAMinute: number = 512 << 20;

/**
 * What one frame may do with the result cache: the results of its workbook, and never so many at once
 * that a stranger's code could fill the shell's memory, or so many over time that it wears the disk.
 *
 * @param workbook the path of the workbook that the frame has open, as the shell knows it
 * @param now milliseconds from any moment on
 */
export function frameResults(
  workbook: string,
  api: ResultApi,
  now: () => number = () => performance.now(),
): Pick<ShellApi, "results" | "result" | "keepResult" | "forgetResult" | "forgetResults"> {
  const reading = fewAtOnce(4);
  const writing = fewAtOnce(2);
  let held = 0;
  let allowance = maxBytesAMinute;
  let since = now();

  /** Whether bytes may be taken now; counts them if so. */
  const take = (bytes: number): boolean => {
    const later = now();
    allowance = Math.min(maxBytesAMinute, allowance + ((later - since) / 60_000) * maxBytesAMinute);
    since = later;
    if (bytes > allowance || held + bytes > maxHeldBytes) return false;
    allowance -= bytes;
    held += bytes;
    return true;
  };

  return {
    results: async () => {
      const index = await reading(() => api.results(workbook));
      return givingBytes(
        index,
        index.small.map(({ bytes }) => bytes),
      );
    },
    result: async (key) => {
      const bytes = await reading(() => api.result(workbook, key));
      return bytes && givingBytes(bytes, [bytes]);
    },
    keepResult: async (key, bytes) => {
      if (!take(bytes.byteLength)) return false;
      try {
        return await writing(() => api.keepResult(workbook, key, bytes));
      } catch (error) {
        // the server's bound may be lower than the port's
        if (error instanceof ApiError && error.code === "too-large") return false;
        throw error;
      } finally {
        held -= bytes.byteLength;
      }
    },
    forgetResult: (key) => writing(() => api.forgetResult(workbook, key)),
    forgetResults: () => writing(() => api.clearResults(workbook)),
  };
}
