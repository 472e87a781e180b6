import { builtins, builtinsVersion } from "../../cells/builtins.ts";
import { fetchedFiles } from "../../cells/fetched-files.ts";
import { Generators } from "../../cells/generators.ts";
import { hostOverShell } from "../../cells/host-over-shell.ts";
import { nodeCodec } from "../../cells/results/node-codec.ts";
import { withReceiptRecall } from "../../cells/results/receipt-recall.ts";
import { openResultStore } from "../../cells/results/shell-result-store.ts";
import type { OpenDocument, ShellApi } from "../../cells/shell-api.ts";
import { valueCodecs } from "../../cells/value-codecs.ts";
import { runSql } from "../../data/run-sql.ts";
import { Workbook } from "../../runtime/workbook.ts";
import { openDatabase } from "./database.ts";
import { valueDrawer } from "./draw-value.ts";
import { element } from "./element.ts";
import { inSight } from "./in-sight.ts";
import { Session } from "./session.ts";

/** Opens a workbook on the page: its database, what its cells can use, its graph and its view. */
export function openSession(shell: ShellApi, opened: OpenDocument): Session {
  performance.mark("workbook-open");
  const client = openDatabase(shell, (isStarting) => {
    document.body.classList.toggle("database-starting", isStarting);
  });
  const results = openResultStore(shell);
  const ruler = element("div", { class: "ruler", attributes: { "aria-hidden": "true" } });
  const names = builtins({
    host: hostOverShell(shell, client),
    document,
    file: fetchedFiles(shell, document),
    width: () => Generators.width(ruler),
  });
  const session: Session = new Session(
    {
      shell,
      forgetResults: async () => await (await results).clear(),
      staticTools: { document, client },
      builtinNames: Object.keys(names),
      graph: (observer) =>
        new Workbook([], {
          builtins: names,
          builtinsVersion,
          observer: withReceiptRecall(observer, {
            recall: (receipt) => shell.recallReceipt(receipt),
            lost: (cell) => session.doubt(cell),
          }),
          results,
          held: opened.held,
          codecs: [...valueCodecs, nodeCodec()],
          runSql: (request) => runSql(client, request),
          inSight: async (cell) => {
            const root = session.view.rootOf(cell);
            if (root !== undefined) await inSight(root);
          },
        }),
      draw: valueDrawer({
        client,
        act: (action) => session.act(action),
        tableShown: (table) => session.tableShown(table),
      }),
    },
    opened,
  );
  session.view.root.prepend(ruler);
  session.view.mount(document.body);
  session.start();
  performance.mark("workbook-shown");
  return session;
}
