import cardStyle from "../card.css?raw";
import ownStyle from "./report.css?raw";

/**
 * The style sheet of a report: the page's own looks, less what only a live page needs and what none
 * of the outputs has.
 */
export function reportStyle(outputs: Iterable<string>): string {
  for (const output of outputs) if (output.includes("tb-card")) return withCards;
  return plain;
}

/** Takes out comments and white space that mean nothing. The same everywhere, unlike a build's. */
function squeeze(css: string): string {
  return css
    .replace(/\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\//g, "")
    .replace(/\s+/g, " ")
    .replace(/ ?([{};,]) ?/g, "$1")
    .replace(/;}/g, "}")
    .trim();
}

const plain = squeeze(ownStyle);
const withCards = squeeze(ownStyle + cardStyle);
