import { bytesFromBase64 } from "../base64.ts";
import { withFreeStyles } from "./sanitize-style.ts";

/** The bytes of a picture in a `data:` URL, with the end of its file's name. */
export function pictureBytes(url: string): { extension: string; bytes: Uint8Array } | undefined {
  const match = /^data:image\/(png|jpeg|gif|webp|avif|svg\+xml)((?:;[^,;]*)*),/i.exec(url);
  if (match === null) return undefined;
  const type = (match[1] ?? "").toLowerCase();
  const extension = type === "svg+xml" ? ".svg" : `.${type}`;
  try {
    const body = decodeURIComponent(url.slice(match[0].length));
    const bytes = /;base64$/i.test(match[2] ?? "")
      ? bytesFromBase64(body)
      : new TextEncoder().encode(body);
    return { extension, bytes };
  } catch {
    // neither base64 nor an address: there is no picture in it
    return undefined;
  }
}

/** A drawing as a file of its own: XML, with the looks that the page would give it. */
export function svgFile(html: string): Uint8Array {
  const spaces = [
    ...(/^<svg[^>]*\sxmlns=/.test(html) ? [] : ['xmlns="http://www.w3.org/2000/svg"']),
    ...(html.includes("xlink:") && !/^<svg[^>]*\sxmlns:xlink=/.test(html)
      ? ['xmlns:xlink="http://www.w3.org/1999/xlink"']
      : []),
  ];
  const text = withFreeStyles(html)
    .replace(/&nbsp;/g, "&#160;")
    .replace(/^<svg/, ["<svg", ...spaces].join(" "))
    .replace(/^<svg[^>]*>/, (tag) => `${tag}<style>${looks}</style>`);
  return new TextEncoder().encode(text);
}

/** Colours of the light scheme, for charts and for the curves of cards. */
const looks =
  ":root{color:#1d1e1c;background:#fff;font-family:system-ui,sans-serif}" +
  ".tb-axis line{stroke:#e3e3de}.tb-axis line.tb-base{stroke:#c9cac4}.tb-axis text{fill:#62645f;font-size:11px}" +
  ".tb-diagonal{stroke:#62645f;stroke-dasharray:4 4}" +
  ".tb-line path{fill:none;stroke-width:1.6}.tb-weighed path{stroke-opacity:.45}" +
  ["#2a55c9", "#c2570c", "#0f766e", "#a21c6a"]
    .map(
      (colour, i) =>
        `.tb-line[data-series="${i}"] path{stroke:${colour}}.tb-line[data-series="${i}"] circle{fill:${colour}}`,
    )
    .join("");
