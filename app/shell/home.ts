import { titleFromPath } from "../../cells/path-name.ts";
import { isFinal } from "../../engines/run.ts";
import type { Api } from "./api.ts";
import type { RunLine, ServerSession, WorkspaceFile } from "./api-schema.ts";
import { button } from "./button.ts";
import { bytesText } from "./bytes-text.ts";
import type { DraftStore } from "./draft-store.ts";
import { h, nodes } from "./dom.ts";
import type { LocalRuns } from "./local-runs.ts";
import { icon, stateGlyph } from "./icons.ts";
import { agoTime } from "./moment-text.ts";
import { PublishedLinks } from "./published-links.ts";
import { addressOf } from "./routes.ts";

/** The most data files that are listed before the person asks for all. */
const mostData = 8;

/** The start page: the workspace's workbooks, its data, and the runs that go on. */
export class Home {
  readonly element = h("main", { class: "home", tabindex: -1 });
  private readonly search = h("input", {
    type: "search",
    placeholder: "Find a workbook",
    "aria-label": "Find a workbook",
    spellcheck: "false",
  });
  private readonly workbooks = h("ul", { class: "workbooks" });
  private readonly rest = h("div", { class: "home-rest" });
  private readonly published: PublishedLinks;
  private files: readonly WorkspaceFile[] = [];
  private showsAllData = false;

  constructor(
    private readonly parts: {
      readonly api: Pick<Api, "files" | "runs" | "publications" | "takeBack">;
      readonly session: ServerSession;
      readonly drafts: DraftStore;
      readonly local: LocalRuns;
      readonly open: (path: string) => void;
      readonly create: () => void;
    },
  ) {
    const { session, create, api } = parts;
    this.published = new PublishedLinks({ api, title: "Published", level: "h2" });
    this.search.addEventListener("input", () => this.drawWorkbooks());
    this.element.append(
      h(
        "header",
        { class: "home-header" },
        h(
          "div",
          {},
          h("h1", {}, workspaceName(session.workspace)),
          h("p", { class: "workspace-path" }, session.workspace),
        ),
        button("New workbook", { icon: "plus" }, create),
      ),
      h("label", { class: "search" }, icon("search"), this.search),
      h("h2", { class: "visually-hidden" }, "Workbooks"),
      this.workbooks,
      this.rest,
      h("div", { class: "home-rest" }, this.published.element),
    );
  }

  /** Reads the workspace and draws it. */
  async load(): Promise<void> {
    const { api } = this.parts;
    void this.published.load();
    const [files, runs] = await Promise.all([api.files(), api.runs().catch(() => [])]);
    this.files = files;
    this.drawWorkbooks();
    this.drawRest(runs);
  }

  private drawWorkbooks(): void {
    const sought = this.search.value.trim().toLowerCase();
    const all = this.files.filter(({ kind }) => kind === "workbook");
    const found = all
      .filter(({ path, title }) => `${title ?? ""} ${path}`.toLowerCase().includes(sought))
      .sort((a, b) => (a.modified < b.modified ? 1 : -1));
    if (found.length > 0) this.workbooks.replaceChildren(...found.map((file) => this.line(file)));
    else
      this.workbooks.replaceChildren(
        h(
          "li",
          { class: "empty" },
          all.length === 0
            ? "There is no workbook in this workspace yet. Make one, or put an .html notebook into the folder."
            : `No workbook is called “${this.search.value.trim()}”.`,
        ),
      );
  }

  private line(file: WorkspaceFile): HTMLElement {
    const { drafts, open } = this.parts;
    const link = h(
      "a",
      { href: addressOf({ at: "workbook", path: file.path }) },
      icon("workbook"),
      h(
        "span",
        { class: "workbook-text" },
        h("span", { class: "workbook-title" }, file.title ?? titleFromPath(file.path)),
        h("span", { class: "workbook-path" }, file.path),
      ),
      drafts.read(file.path) !== undefined && h("span", { class: "tag" }, "Unsaved edits"),
      agoTime(file.modified),
    );
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open(file.path);
    });
    return h("li", {}, link);
  }

  private drawRest(runs: readonly RunLine[]): void {
    const going = [
      ...this.parts.local.all().map(({ request, snapshot }) => ({ ...request, ...snapshot })),
      ...runs.filter(({ state }) => !isFinal(state)),
    ];
    const reports = this.files.filter(({ kind }) => kind === "report");
    const data = this.files.filter(({ kind }) => kind === "data");
    const shown = this.showsAllData ? data : data.slice(0, mostData);
    this.rest.replaceChildren(
      ...nodes(
        going.length > 0 &&
          h(
            "section",
            {},
            h("h2", {}, "Runs that go on"),
            h("ul", { class: "lines" }, ...going.map((run) => this.runLine(run))),
          ),
        reports.length > 0 &&
          h(
            "section",
            {},
            h("h2", {}, "Reports"),
            h("ul", { class: "workbooks" }, ...reports.map((file) => this.line(file))),
          ),
        data.length > 0 &&
          h(
            "section",
            {},
            h("h2", {}, "Data"),
            h("ul", { class: "lines" }, ...shown.map(dataLine)),
            data.length > shown.length &&
              button(`Show all ${data.length}`, { kind: "plain" }, () => {
                this.showsAllData = true;
                this.drawRest(runs);
              }),
          ),
      ),
    );
  }

  private runLine({
    workbook,
    tier,
    state,
    override,
  }: Pick<RunLine, "workbook" | "tier" | "state" | "override">): HTMLElement {
    const name = workbook ?? "A workbook";
    const over = override === undefined ? "" : ", overridden";
    return h(
      "li",
      { "data-state": "running" },
      stateGlyph("running"),
      h("span", { class: "line-name" }, name),
      h("span", { class: "line-fact" }, `${tier} run, ${state}${over}`),
      workbook !== undefined && button("Open", { kind: "plain" }, () => this.parts.open(workbook)),
    );
  }
}

function dataLine({ path, bytes }: WorkspaceFile): HTMLElement {
  return h(
    "li",
    {},
    icon("data"),
    h("code", { class: "line-name" }, path),
    h("span", { class: "line-fact" }, bytesText(bytes)),
  );
}

function workspaceName(folder: string): string {
  return folder.split(/[/\\]/).findLast((part) => part !== "") ?? folder;
}
