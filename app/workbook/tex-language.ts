import { LanguageSupport, StreamLanguage } from "@codemirror/language";

/** TeX as far as colours go: commands, comments, braces, numbers, and the `${…}` of a template. */
const tex = StreamLanguage.define<null>({
  name: "tex",
  token(stream) {
    if (stream.match(/^%.*/)) return "comment";
    if (stream.match(/^\$\{[^}]*\}/)) return "string";
    if (stream.match(/^\\(?:[A-Za-z]+\*?|.)/)) return "keyword";
    if (stream.match(/^\d+(?:\.\d+)?/)) return "number";
    if (stream.match(/^[{}[\]&^_]/)) return "punctuation";
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: "%" } },
});

/** The language of TeX cells. */
export function texLanguage(): LanguageSupport {
  return new LanguageSupport(tex);
}
