import { readReport } from "../../cells/report/read-report.ts";
import type { Api } from "./api.ts";
import { ApiError } from "./api.ts";
import { button } from "./button.ts";
import { h } from "./dom.ts";

/** What the place of a report needs. */
export interface ReportPageParts {
  /** the report's path in the workspace */
  readonly path: string;
  readonly html: string;
  readonly api: Pick<Api, "writeFile">;
  /** opens the workbook that was made */
  readonly open: (path: string) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * What stands where a report was opened: it is not edited, for it says what was; its workbook opens
 * as a copy beside it.
 */
export function reportPage({ path, html, api, open, fail }: ReportPageParts): HTMLElement {
  const report = readReport(html);
  if (report === undefined)
    return h(
      "main",
      { class: "home" },
      h("h1", {}, "This report is damaged"),
      h("p", {}, `The workbook inside ${path} cannot be read.`),
    );
  const when = new Date(report.at).toLocaleString(undefined, {
    dateStyle: "long",
    timeStyle: "short",
  });
  const make = button("Open its workbook as a copy", { kind: "primary" }, async () => {
    make.disabled = true;
    try {
      open(await writeCopy(path, report.source, api));
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
    h("p", {}, "The workbook is inside. Its copy is written beside the report, and its cells run."),
    make,
  );
}

/** Writes a workbook beside its report, under the first name that is free. */
async function writeCopy(
  path: string,
  source: string,
  api: Pick<Api, "writeFile">,
): Promise<string> {
  for (let number = 1; ; ++number) {
    const copy = copyPath(path, number);
    try {
      await api.writeFile(copy, source, null);
      return copy;
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "conflict")) throw error;
    }
  }
}

/** What the copy of a report's workbook is called: `a-report.html` holds `a-copy.html`. */
export function copyPath(path: string, number: number): string {
  const stem = path.replace(/\.html?$/i, "").replace(/-report$/, "");
  return `${stem}-copy${number === 1 ? "" : `-${number}`}.html`;
}
