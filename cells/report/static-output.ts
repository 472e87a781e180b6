import { isTable } from "../../data/memory-table.ts";
import type { QueryClient } from "../../data/query-client.ts";
import { isCard } from "../card.ts";
import { htmlElement } from "../element.ts";
import { inspect } from "../inspect.ts";
import { renderCard } from "../render-card.ts";
import { staticMarkup } from "./static-markup.ts";
import { staticTable } from "./static-table.ts";

/** What drawing values for a report takes. */
export interface StaticTools {
  readonly document: Document;
  /** has the rows of tables that were too large to copy out */
  readonly client: Pick<QueryClient, "query" | "release">;
}

/**
 * What a cell displays, as markup that needs no script: nodes as they stand, cards without their
 * buttons, the first rows of tables, all else inspected one level deep. The page and the command
 * line both make their reports with it.
 *
 * @param shown where a node stands on the page: what was a fragment has left its children there
 */
export async function staticOutput(
  value: unknown,
  tools: StaticTools,
  shown?: ParentNode & Node,
): Promise<string> {
  try {
    return await outputOf(value, tools, shown);
  } catch (error) {
    // a stranger's object can throw at whatever one asks it
    const reason = error instanceof Error ? error.message : "it throws";
    const text = `This value cannot be shown: ${reason}`;
    return htmlElement(tools.document, "p", { class: "inspect" }, text).outerHTML;
  }
}

async function outputOf(
  value: unknown,
  { document, client }: StaticTools,
  shown: (ParentNode & Node) | undefined,
): Promise<string> {
  if (value instanceof Node) return await staticMarkup(shown?.childNodes ?? [value], document);
  if (isCard(value)) return await staticMarkup([renderCard(document, value)], document);
  if (isTable(value)) return (await staticTable(document, value, client)).outerHTML;
  if (value instanceof Error) return errorText(document, value).outerHTML;
  return await staticMarkup([opened(value)], document);
}

/** An inspected value with its first level open. */
function opened(value: unknown): HTMLElement {
  const tree = inspect(value);
  tree.querySelector<HTMLElement>(":scope > button")?.click();
  return tree;
}

function errorText(document: Document, { name, message }: Error): HTMLElement {
  return htmlElement(document, "p", { class: "report-error" }, `${name}: ${message}`);
}
