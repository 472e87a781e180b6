import { JSDOM, VirtualConsole } from "jsdom";

/** A document for a process without a page. */
export interface HeadlessDom {
  readonly document: Document;
  /** Takes the globals back and stops its timers. */
  close(): void;
}

/** What a canvas gives as its picture here, whatever was drawn on it. */
export const emptyPicture =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/**
 * What is jsdom's even where Node has one of the name: its elements refuse Node's events. All other
 * classes that Node has (`Blob`, `File`, `URL`, `fetch`) stay Node's.
 */
const ownNames = ["Event", "EventTarget", "CustomEvent", "navigator"];

/** What is no class and yet belongs to a page. */
const memberNames = [
  "window",
  "document",
  "location",
  "customElements",
  "getComputedStyle",
  "getSelection",
  "requestAnimationFrame",
  "cancelAnimationFrame",
];

/**
 * Makes a jsdom document and puts what belongs to it on `globalThis`. Elements can be made, nested
 * and printed; nothing is laid out, loaded or painted.
 */
export function installDom(): HeadlessDom {
  const dom = new JSDOM("<!doctype html><html><body></body></html>", {
    url: "http://localhost/",
    pretendToBeVisual: true,
    virtualConsole: new VirtualConsole(),
  });
  paintNothing(dom);
  const restoreForms = mendForms(dom);
  const classNames = Object.getOwnPropertyNames(dom.window).filter(
    (name) => /^[A-Z]/.test(name) && !(name in globalThis),
  );
  const globals = [...classNames, ...memberNames, ...ownNames];
  const before = new Map(
    globals.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]),
  );
  for (const name of globals)
    Object.defineProperty(globalThis, name, {
      value: boundTo(dom.window, Reflect.get(dom.window, name)),
      configurable: true,
      writable: true,
    });
  return {
    document: dom.window.document,
    close() {
      for (const [name, descriptor] of before)
        if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
        else Object.defineProperty(globalThis, name, descriptor);
      restoreForms();
      dom.window.close();
    },
  };
}

/** Window's own functions, but not its classes, want it as `this`. */
function boundTo(window: object, value: unknown): unknown {
  const isFunction = typeof value === "function" && value.prototype === undefined;
  return isFunction ? value.bind(window) : value;
}

/**
 * jsdom's forms are proxies that refuse to set an own property with a setter, and every one of
 * Observable's inputs is a form with such a `value`. So a form's accessor goes on a prototype of its
 * own, where the proxy finds it.
 */
function mendForms({ window }: JSDOM): () => void {
  const { defineProperty } = Object;
  const mended: typeof Object.defineProperty = (target, name, descriptor) => {
    const isAccessor = "get" in descriptor || "set" in descriptor;
    if (!isAccessor || !(target instanceof window.HTMLFormElement))
      return defineProperty(target, name, descriptor);
    const above: object = Object.create(Object.getPrototypeOf(target));
    Object.setPrototypeOf(target, defineProperty(above, name, descriptor));
    return target;
  };
  Object.defineProperty = mended;
  return () => {
    if (Object.defineProperty === mended) Object.defineProperty = defineProperty;
  };
}

/**
 * A canvas without pixels. Plot draws the ramp of a legend on one; here its picture stays empty, and
 * the axis around it is right.
 */
function paintNothing(dom: JSDOM): void {
  const context = new Proxy(
    {},
    {
      get: (_, name) => (name === "measureText" ? measureText : () => undefined),
      set: () => true,
    },
  );
  const prototype = dom.window.HTMLCanvasElement.prototype;
  Object.defineProperty(prototype, "getContext", { value: () => context });
  Object.defineProperty(prototype, "toDataURL", { value: () => emptyPicture });
}

function measureText(text: string): { width: number } {
  return { width: 6 * text.length };
}
