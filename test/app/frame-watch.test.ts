import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FrameWatch } from "../../app/shell/frame-watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A frame whose answers a test holds back. */
function watch() {
  const told: boolean[] = [];
  let answer = (): void => undefined;
  let isHung = false;
  const watching = new FrameWatch(
    () => (isHung ? new Promise((resolve) => (answer = resolve)) : Promise.resolve()),
    (isStuck) => void told.push(isStuck),
  );
  return {
    told,
    watching,
    hang: () => void (isHung = true),
    comeBack: () => {
      isHung = false;
      answer();
    },
  };
}

test("a frame that misses three rounds is stuck, and back as soon as it answers", async () => {
  const { told, hang, comeBack } = watch();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told).toEqual([]);
  hang();
  await vi.advanceTimersByTimeAsync(3000);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual([true]);
  comeBack();
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([true, false]);
});

test("a watch that was stopped tells nothing, whatever is still answered", async () => {
  const { told, hang, comeBack, watching } = watch();
  hang();
  await vi.advanceTimersByTimeAsync(5000);
  watching.stop();
  comeBack();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told).toEqual([true]);
});
