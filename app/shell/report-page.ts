import { readReport } from "../../cells/report/read-report.ts";
import type { Api } from "./api.ts";
import { button } from "./button.ts";
import { copyIntoWorkspace, reportCopyName } from "./copy-in-workspace.ts";
import { h } from "./dom.ts";
import { momentText } from "./moment-text.ts";
import type { Preferences } from "./preferences.ts";

/** What the place of a report needs. */
export interface ReportPageParts {
  /** the report's path in the workspace */
  readonly path: string;
  readonly html: string;
  readonly api: Pick<Api, "writeFile" | "fileDigest" | "hold">;
  readonly preferences: Preferences;
  /** opens the workbook that was made */
  readonly open: (path: string) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * What stands where a report was opened: it is not edited, for it says what was; its workbook opens
 * as a copy beside it.
 */
export function reportPage(parts: ReportPageParts): HTMLElement {
  const { path, html, api, preferences, open, fail } = parts;
  const report = readReport(html);
  if (report === undefined)
    return h(
      "main",
      { class: "home" },
      h("h1", {}, "This report is damaged"),
      h("p", {}, `The workbook inside ${path} cannot be read.`),
    );
  const when = momentText(report.at, "long");
  const make = button("Open its workbook as a copy", { kind: "primary" }, async () => {
    make.disabled = true;
    try {
      const foreign = {
        source: report.source,
        name: (attempt: number) => reportCopyName(path, attempt),
        from: `the report ${path}`,
        files: report.provenance.files,
      };
      open(await copyIntoWorkspace(foreign, api, preferences));
    } catch (error) {
      fail(error);
    } finally {
      make.disabled = false;
    }
  });
  return h(
    "main",
    { class: "home", tabindex: -1 },
    h("h1", {}, report.title),
    h("p", {}, `This is a report of ${report.path}, made ${when}. It stays as it is.`),
    h(
      "p",
      {},
      "The workbook is inside. Its copy is written beside the report, and nothing in it runs until you say so.",
    ),
    make,
  );
}
