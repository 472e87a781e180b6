/**
 * Makes a stranger's text the document of a frame in which nothing can run. Where Trusted Types are
 * enforced this is the only way to do so; the policy is named `tierbook-saved` in the page's Content
 * Security Policy.
 *
 * @throws {TypeError} for a frame whose sandbox allows anything
 */
export function fillFrame(frame: HTMLIFrameElement, html: string): void {
  if (frame.getAttribute("sandbox") !== "")
    throw new TypeError("Only a frame that is allowed nothing may show a stranger's document");
  policy ??= makePolicy();
  // The DOM's types know only strings; where Trusted Types are enforced, it wants this object.
  frame.srcdoc = policy.createHTML(html) as string;
}

interface MarkupPolicy {
  createHTML(html: string): unknown;
}

interface PolicyFactory {
  createPolicy(name: string, rules: { createHTML(html: string): string }): MarkupPolicy;
}

let policy: MarkupPolicy | undefined;

function makePolicy(): MarkupPolicy {
  const rules = { createHTML: (html: string) => html };
  const factory: unknown = Reflect.get(globalThis, "trustedTypes");
  return isFactory(factory) ? factory.createPolicy("tierbook-saved", rules) : rules;
}

function isFactory(value: unknown): value is PolicyFactory {
  return typeof value === "object" && value !== null && "createPolicy" in value;
}
