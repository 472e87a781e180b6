import type { KatexOptions } from "katex";
import { TemplateText, type TemplateStrings } from "../runtime/template-text.ts";

/** A template tag: TeX in, an element out. */
export type TexRenderer = (strings: TemplateStrings, ...values: readonly unknown[]) => Element;

/** The tag `tex` for formulas within a line, `tex.block` for those that stand by themselves. */
export interface TexTag extends TexRenderer {
  readonly block: TexRenderer;
  /** a tag with KaTeX's options */
  readonly options: (options: KatexOptions) => TexRenderer;
}

type Katex = typeof import("katex").default;

/** The tag `tex`: KaTeX, with its style sheet and its fonts, from our own origin. */
export async function texTag(document: Document): Promise<TexTag> {
  const [{ default: katex }] = await Promise.all([import("katex"), import("./tex.css")]);
  const options = (own: KatexOptions): TexRenderer => renderer(document, katex, own);
  return Object.assign(options({}), { block: options({ displayMode: true }), options });
}

function renderer(document: Document, katex: Katex, options: KatexOptions): TexRenderer {
  return (strings, ...values) => {
    const source = new TemplateText(strings, values);
    const template = document.createElement("template");
    template.innerHTML = render(katex, source, options);
    return template.content.firstElementChild ?? document.createElement("span");
  };
}

/** The formula as HTML to be seen and as MathML to be heard. */
function render(katex: Katex, source: TemplateText, options: KatexOptions): string {
  try {
    return katex.renderToString(source.text, { strict: "ignore", ...options });
  } catch (error) {
    if (!(error instanceof katex.ParseError)) throw error;
    throw source.errorAt(error.position, `TeX: ${error.rawMessage}`);
  }
}
