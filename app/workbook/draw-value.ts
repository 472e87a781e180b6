import { isCard, type CardAction } from "../../cells/card.ts";
import { renderCard, updateCard } from "../../cells/render-card.ts";
import type { QueryClient } from "../../data/query-client.ts";
import { isTable } from "../../data/memory-table.ts";
import type { Table } from "../../data/table.ts";
import { digestKey } from "../../runtime/digest.ts";
import type { Drawn, DrawValue } from "./cell-output.ts";
import { element } from "./element.ts";
import { inspect } from "../../cells/inspect.ts";
import { tableRows } from "./table-rows.ts";
import { tableView } from "./table-view.ts";

/** What drawn values can reach. */
export interface DrawingTools {
  readonly client: QueryClient;
  /** a button of a card was pressed */
  act(action: CardAction): void;
  /** a table is shown; its columns are worth completing */
  tableShown(table: Table): void;
}

/**
 * Draws what a cell displays: nodes as they are, cards and tables as such, all else as an inspected
 * value. A card or a table that is shown again is brought up to date where it stands.
 */
export function valueDrawer(tools: DrawingTools): DrawValue {
  return (value, before) => {
    if (value instanceof Node) return value;
    if (isCard(value)) return drawCard(value, before, tools);
    if (isTable(value)) return drawTable(value, before, tools);
    if (value instanceof Error) return errorText(value);
    return inspectSafely(value);
  };
}

function drawCard(
  card: Parameters<typeof renderCard>[1],
  before: Drawn | undefined,
  tools: DrawingTools,
): Node {
  if (before?.node instanceof HTMLElement && isCard(before.value)) {
    updateCard(before.node, card);
    return before.node;
  }
  return renderCard(document, card, (action) => tools.act(action));
}

function drawTable(table: Table, before: Drawn | undefined, tools: DrawingTools): Node {
  tools.tableShown(table);
  const shown = before?.value;
  const isSame =
    isTable(shown) && shown[digestKey] === table[digestKey] && shown.name === table.name;
  if (before !== undefined && isSame) return before.node;
  const rows = tableRows(
    table,
    (sql, options) => tools.client.query(sql, options),
    (page) => void tools.client.release(page).catch(() => undefined),
  );
  return tableView(table, rows);
}

function errorText(error: Error): HTMLElement {
  return element(
    "div",
    { class: "cell-message error" },
    element(
      "p",
      { class: "error-title" },
      element("span", { class: "error-name", text: error.name }),
      ` ${error.message}`,
    ),
  );
}

/** A stranger's object can throw at whatever one asks it. */
function inspectSafely(value: unknown): HTMLElement {
  try {
    return inspect(value);
  } catch (error) {
    return element("div", {
      class: "inspect",
      text: `This value cannot be shown: ${error instanceof Error ? error.message : "it throws"}`,
    });
  }
}
