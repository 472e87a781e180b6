import type { FontLinks, SheetLinks } from "../../app/site/frame-links.ts";
import { LinkError } from "./link-module.ts";

/**
 * Writing systems whose fonts the frame of a static site does without: it would have to load all of
 * them at once, since what has a `blob:` address is loaded already. The system's fonts draw those.
 */
const leftOut = /-(?:cyrillic|greek|vietnamese)(?:-ext)?-/;

/**
 * Takes the fonts out of a built style sheet: each in its smallest form, WOFF2.
 *
 * @throws {LinkError} where the sheet names anything else by address
 */
export function linkSheet(name: string, css: string): SheetLinks {
  const faces = Array.from(css.matchAll(/@font-face\s*\{[^}]*\}/g), (match) => ({
    rule: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
  const cuts = faces.map(({ start, end }) => [start, end] as const);
  const others = cuts.toReversed().reduce(without, css);
  const address = /url\((?!["']?data:)[^)]*\)|@import/.exec(others)?.[0];
  if (address !== undefined)
    throw new LinkError(
      `${name} has ${address}: in a static site the frame loads nothing but fonts by address. ` +
        "Put it into the sheet as data:.",
    );
  const fonts = faces.map(({ rule }) => fontOf(name, rule));
  return { cuts, fonts: fonts.filter(({ file }) => !leftOut.test(file)) };
}

function without(css: string, [start, end]: readonly [number, number]): string {
  return css.slice(0, start) + css.slice(end);
}

function fontOf(name: string, rule: string): FontLinks {
  const source = /src:\s*([^;}]*)/.exec(rule);
  const file = /url\(["']?\.\/(\w[\w.-]*\.woff2)["']?\)/.exec(source?.[1] ?? "")?.[1];
  if (source === null || file === undefined)
    throw new LinkError(`${name} has a font without a WOFF2 file: ${rule.slice(0, 200)}`);
  const end = source.index + source[0].length;
  return {
    before: `${rule.slice(0, source.index)}src:url(`,
    file,
    after: `)format("woff2")${rule.slice(end)}`,
  };
}
