import cardStyle from "../card.css?raw";
import ownStyle from "./report.css?raw";

/** The style sheet of reports: the page's own looks, less what only a live page needs. */
export const reportStyle: string = squeeze(ownStyle + cardStyle);

/** Takes out comments and white space that mean nothing. The same everywhere, unlike a build's. */
function squeeze(css: string): string {
  return css
    .replace(/\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\//g, "")
    .replace(/\s+/g, " ")
    .replace(/ ?([{};,]) ?/g, "$1")
    .replace(/;}/g, "}")
    .trim();
}
