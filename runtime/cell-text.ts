import { scriptEnd } from "./html-tokens.ts";

/**
 * The content of a cell's `<script>` for a source: every line that is not empty indented by four
 * spaces, on lines of its own, with `<\` for `<` where the HTML parser would not give the text back.
 * {@link sourceFromContent} is its inverse for every source, and notebook-kit's reader is too unless
 * the source holds `<!--` and `<script` such that it would swallow the cells that follow.
 */
export function contentFromSource(source: string, newline = "\n"): string {
  const indented = source
    .split(/(\r\n|\r|\n)/) // text and breaks in turn
    .map((line, i) => (i % 2 === 0 && line ? `    ${line}` : line))
    .join("");
  // A lone CR at the end would become one line break with the one that follows.
  return escape(`${newline}${indented}${source.endsWith("\r") ? "\r\n" : newline}  `);
}

/**
 * The source that a cell's `<script>` holds: up to one blank line at each end and four spaces of
 * indentation are the file's, not the source's. Line breaks stay what they are.
 */
export function sourceFromContent(content: string): string {
  const lines = unescape(content).split(/(\r\n|\r|\n)/); // text and breaks in turn
  if (isBlank(lines.at(-1))) lines.splice(-2);
  if (isBlank(lines[0])) lines.splice(0, 2);
  return lines.map((line, i) => (i % 2 === 0 ? line.replace(/^ {4}/, "") : line)).join("");
}

function isBlank(line: string | undefined): boolean {
  return line !== undefined && /^\s*$/.test(line);
}

/**
 * notebook-kit puts a backslash into `</script`, one more where there are some already. `<!--` and
 * `<script` need one too, but only where they together swallow the end tag: elsewhere a file by
 * another hand may hold `<\!--` and mean it. Whether they do is read off the text without the
 * backslashes, so it is the same for a text and its escaped form, and the escape can be undone.
 */
function escape(content: string): string {
  const text = content.replace(/<(?=\\*\/script[\s/>])/gi, "<\\");
  return swallowsEnd(text) ? text.replace(/<(?=\\*(?:!--|script))/gi, "<\\") : text;
}

function unescape(content: string): string {
  const text = swallowsEnd(content) ? content.replace(/<\\(?=\\*(?:!--|script))/gi, "<") : content;
  return text.replace(/<\\(?=\\*\/script[\s/>])/gi, "<");
}

function swallowsEnd(content: string): boolean {
  const bare = content.replace(/<\\+(?=!--|script)/gi, "<");
  return scriptEnd(`${bare}</script>`, 0) !== bare.length;
}
