import { LanguageSupport, StreamLanguage } from "@codemirror/language";

const words = /^(?:strict|graph|digraph|subgraph|node|edge)\b/i;

/** Graphviz's language as far as colours go; the state is whether a comment is open. */
const dot = StreamLanguage.define<{ isComment: boolean }>({
  name: "dot",
  startState: () => ({ isComment: false }),
  token(stream, state) {
    if (state.isComment || stream.match("/*")) {
      state.isComment = stream.match(/^.*?\*\//) === null;
      if (state.isComment) stream.skipToEnd();
      return "comment";
    }
    if (stream.match(/^(?:\/\/|#).*/)) return "comment";
    if (stream.match(/^\$\{[^}]*\}/) || stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
    if (stream.match(words)) return "keyword";
    if (stream.match(/^[A-Za-z_]\w*(?=\s*=)/)) return "propertyName";
    if (stream.match(/^-?(?:\d+(?:\.\d+)?|\.\d+)/)) return "number";
    if (stream.match(/^(?:->|--|[{}[\];,=:])/)) return "punctuation";
    if (!stream.match(/^\w+/)) stream.next();
    return null;
  },
  languageData: { commentTokens: { line: "//", block: { open: "/*", close: "*/" } } },
});

/** The language of Graphviz cells. */
export function dotLanguage(): LanguageSupport {
  return new LanguageSupport(dot);
}
