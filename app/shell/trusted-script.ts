import { scriptFolder } from "./page-base.ts";

/**
 * Gives the browser leave to start a worker from one of our own built scripts, and from nothing
 * else. The page's policy is named `tierbook` in its Content Security Policy.
 *
 * @throws {TypeError} for a URL of another origin or outside the folder of our scripts
 */
export function trustedScriptUrl(url: string): string {
  policy ??= makePolicy();
  // The DOM's types know only strings; where Trusted Types are enforced, it wants this object.
  return policy.createScriptURL(url) as string;
}

interface ScriptPolicy {
  createScriptURL(url: string): unknown;
}

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptPolicy;
}

let policy: ScriptPolicy | undefined;

function makePolicy(): ScriptPolicy {
  const rules = { createScriptURL: ownAsset };
  const factory: unknown = Reflect.get(globalThis, "trustedTypes");
  return isFactory(factory) ? factory.createPolicy("tierbook", rules) : rules;
}

function ownAsset(url: string): string {
  const { href } = new URL(url, location.href);
  if (!href.startsWith(scriptFolder().href))
    throw new TypeError(`${href} is not one of Tierbook's own scripts`);
  return href;
}

function isFactory(value: unknown): value is PolicyFactory {
  return typeof value === "object" && value !== null && "createPolicy" in value;
}
