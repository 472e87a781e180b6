/** Something that has a value and says when it changes; an element, or what behaves like one. */
interface InputLike extends EventTarget {
  readonly value?: unknown;
  readonly type?: unknown;
}

/**
 * Observable's `Generators`: values over time, for cells that need them by hand. Each answers
 * `return` at once, so that a cell that runs again is not kept by its old generator.
 */
export const Generators = { observe, queue, input, now, width, dark };

/**
 * What is notified, newest only: a value that nobody read before the next came is dropped.
 *
 * @param start is called at the first read with `change`; may return what ends it
 */
function observe<Value>(
  start: (change: (value: Value) => void) => unknown,
): AsyncGenerator<Value, void, void> {
  return notified(start, true);
}

/** What is notified, each value, in order. */
function queue<Value>(
  start: (change: (value: Value) => void) => unknown,
): AsyncGenerator<Value, void, void> {
  return notified(start, false);
}

/** The values of an input element: the present one, then one at each change. */
function input(element: InputLike): AsyncGenerator<unknown, void, void> {
  return observe((change) => {
    const event = eventOf(element);
    const changed = (): void => change(valueOf(element));
    element.addEventListener(event, changed);
    const value = valueOf(element);
    if (value !== undefined) change(value);
    return () => element.removeEventListener(event, changed);
  });
}

/** The time in milliseconds, sixty times a second; a hidden tab does not stop it. */
function now(): AsyncGenerator<number, void, void> {
  return observe((change) => {
    change(Date.now());
    const timer = setInterval(() => change(Date.now()), 1000 / 60);
    return () => clearInterval(timer);
  });
}

/** An element's content width in pixels. */
function width(element: HTMLElement): AsyncGenerator<number, void, void> {
  return observe((change) => {
    let last = element.clientWidth;
    change(last);
    if (typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(([entry]) => {
      const next = entry?.contentRect.width ?? last;
      if (next !== last) change((last = next));
    });
    observer.observe(element);
    return () => observer.disconnect();
  });
}

/** Whether the page is dark, as its colour scheme says. */
function dark(): AsyncGenerator<boolean, void, void> {
  return observe((change) => {
    const root = globalThis.document?.documentElement;
    const isDark = (): boolean => {
      const scheme = root?.style.colorScheme ?? "";
      if (scheme === "dark" || scheme === "light") return scheme === "dark";
      return globalThis.matchMedia?.("(prefers-color-scheme: dark)").matches ?? false;
    };
    let last = isDark();
    change(last);
    const look = (): void => {
      if (isDark() !== last) change((last = !last));
    };
    const media = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
    media?.addEventListener("change", look);
    const observer =
      root === undefined || typeof MutationObserver === "undefined"
        ? undefined
        : new MutationObserver(look);
    if (root !== undefined) observer?.observe(root, { attributeFilter: ["style"] });
    return () => {
      media?.removeEventListener("change", look);
      observer?.disconnect();
    };
  });
}

function notified<Value>(
  start: (change: (value: Value) => void) => unknown,
  newestOnly: boolean,
): AsyncGenerator<Value, void, void> {
  const values: Value[] = [];
  const readers: ((result: IteratorResult<Value, void>) => void)[] = [];
  let stop: unknown;
  let isStarted = false;
  let isOver = false;
  const change = (value: Value): void => {
    if (isOver) return;
    const reader = readers.shift();
    if (reader !== undefined) return reader({ done: false, value });
    if (newestOnly) values.length = 0;
    values.push(value);
  };
  const end = (): Promise<IteratorResult<Value, void>> => {
    if (!isOver) {
      isOver = true;
      for (const reader of readers.splice(0)) reader({ done: true, value: undefined });
      if (typeof stop === "function") stop();
    }
    return Promise.resolve({ done: true, value: undefined });
  };
  const generator: AsyncGenerator<Value, void, void> = {
    async next() {
      if (!isStarted) {
        isStarted = true;
        stop = start(change);
      }
      const [first] = values.splice(0, 1).map((value) => ({ value }));
      if (first !== undefined) return { done: false, value: first.value };
      if (isOver) return { done: true, value: undefined };
      return await new Promise((resolve) => readers.push(resolve));
    },
    return: end,
    async throw(error) {
      await end();
      throw error;
    },
    [Symbol.asyncIterator]: () => generator,
  };
  return generator;
}

function eventOf({ type }: InputLike): string {
  if (type === "button" || type === "submit" || type === "checkbox") return "click";
  return type === "file" ? "change" : "input";
}

function valueOf(element: InputLike): unknown {
  const read = (name: string): unknown => Reflect.get(element, name);
  switch (element.type) {
    case "range":
    case "number":
      return read("valueAsNumber");
    case "date":
      return read("valueAsDate");
    case "checkbox":
      return read("checked");
    case "file":
      return read("multiple") === true ? read("files") : listed(read("files"))[0];
    case "select-multiple":
      return listed(read("selectedOptions")).map((option) => Reflect.get(Object(option), "value"));
    default:
      return element.value;
  }
}

function listed(values: unknown): unknown[] {
  return typeof values === "object" && values !== null && Symbol.iterator in values
    ? Array.from(values as Iterable<unknown>)
    : [];
}
