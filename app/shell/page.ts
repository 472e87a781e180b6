import { isReport } from "../../cells/report/read-report.ts";
import type { Api } from "./api.ts";
import { ApiError } from "./api.ts";
import type { ServerSession } from "./api-schema.ts";
import { Banners } from "./banners.ts";
import { applyColors } from "./colors.ts";
import { copiesList } from "./copies-list.ts";
import { DraftStore } from "./draft-store.ts";
import { h } from "./dom.ts";
import { BrowserCopies } from "./guest/browser-copies.ts";
import { Header } from "./header.ts";
import { Home } from "./home.ts";
import { LocalRuns } from "./local-runs.ts";
import { makeWorkbook } from "./new-workbook.ts";
import { pageBase } from "./page-base.ts";
import type { PageParts } from "./page-parts.ts";
import { capitalised } from "./plan-text.ts";
import { Preferences } from "./preferences.ts";
import { addressOf, currentRoute, isShared, type Route, type SharedRoute } from "./routes.ts";
import { reportPage } from "./report-page.ts";
import { RunFeed } from "./run-feed.ts";
import { dropToken } from "./session.ts";
import { TrainingClient } from "./training-client.ts";
import { WorkbookDocument } from "./workbook-document.ts";
import { WorkbookView } from "./workbook-view.ts";
import { rowsInspector, startTrainingWorker } from "./workers.ts";

/** Milliseconds between two attempts to reach a server that is gone. */
const retryPace = 2000;

/** A place of one's own workspace. */
export type OwnRoute = Exclude<Route, SharedRoute>;

/** The page, once the server has taken the token: header, banners, and one view at a time. */
export class Page {
  private readonly parts: PageParts;
  private readonly content = h("div", { class: "content" });
  private view: WorkbookView | undefined;
  /** counts the views asked for; what loads for an earlier one is dropped */
  private turn = 0;
  private retry: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly api: Api,
    private readonly session: ServerSession,
  ) {
    const preferences = new Preferences(localStorage, session.workspace);
    const feed = new RunFeed(
      (runs, signal) => api.events(runs, signal),
      async (key) => (await api.run(key)) !== undefined,
    );
    const training = new TrainingClient(startTrainingWorker);
    this.parts = {
      api,
      server: api,
      preferences,
      header: new Header(preferences, () => this.go({ at: "home" })),
      banners: new Banners(),
      drafts: new DraftStore(localStorage, session.workspace),
      local: new LocalRuns(),
      services: {
        api,
        feed,
        train: (work, signal) => training.train(work, signal),
        dryRun: (work) => training.dryRun(work),
        inspect: rowsInspector(),
      },
    };
    preferences.changes.listen(() => applyColors(preferences));
    api.onReach = (isReached) => this.setReached(isReached);
    const { header, banners } = this.parts;
    document.body.replaceChildren(header.element, banners.element, this.content);
    this.listen();
  }

  /** Goes somewhere; back brings one here again. */
  private go(route: OwnRoute): void {
    history.pushState(null, "", addressOf(route));
    this.show(route);
  }

  /** Shows a place, in the place of what was shown. */
  show(route: OwnRoute): void {
    this.view?.close();
    this.view = undefined;
    this.parts.banners.hide("page");
    this.turn += 1;
    void (route.at === "home" ? this.showHome() : this.showWorkbook(route.path)).catch(
      (error: unknown) => this.fail(error, route),
    );
  }

  private async showHome(): Promise<void> {
    const { api, session } = this;
    const { drafts, local, header } = this.parts;
    document.title = "Tierbook";
    header.setPath(undefined);
    const home = new Home({
      api,
      session,
      drafts,
      local,
      open: (path) => this.go({ at: "workbook", path }),
      create: () => void this.create(),
    });
    const copies = copiesList(new BrowserCopies(localStorage, pageBase().pathname));
    if (copies !== undefined) home.element.append(h("div", { class: "home-rest" }, copies));
    this.content.replaceChildren(home.element);
    home.element.focus({ preventScroll: true });
    await home.load();
  }

  private async showWorkbook(path: string): Promise<void> {
    const { turn } = this;
    const { drafts, header, preferences } = this.parts;
    const { api } = this;
    document.title = `${path.split("/").at(-1)} – Tierbook`;
    header.setPath(path);
    this.content.replaceChildren(h("p", { class: "loading", role: "status" }, "Opening…"));
    const [file, held] = await Promise.all([api.readFile(path), api.heldCopy(path)]);
    if (turn !== this.turn) return;
    if (held !== undefined && preferences.heldCopy(path) === undefined)
      preferences.hold(path, held);
    if (isReport(file.text)) return this.showReport(path, file.text);
    this.view = new WorkbookView(WorkbookDocument.of(path, file, api, drafts), this.parts);
    this.content.replaceChildren(this.view.element);
  }

  private showReport(path: string, html: string): void {
    const { api } = this;
    const { preferences } = this.parts;
    const page = reportPage({
      path,
      html,
      api,
      preferences,
      open: (copy) => this.go({ at: "workbook", path: copy }),
      fail: (error) => this.fail(error, { at: "workbook", path }),
    });
    this.content.replaceChildren(page);
    page.focus({ preventScroll: true });
  }

  private async create(): Promise<void> {
    const path = await makeWorkbook(this.api);
    if (path === undefined) return;
    // what was held under this name before is gone
    this.parts.preferences.release(path);
    await this.api.release(path);
    this.go({ at: "workbook", path });
  }

  private fail(error: unknown, route: OwnRoute): void {
    const text = error instanceof Error ? error.message : String(error);
    this.content.replaceChildren();
    this.parts.banners.show("page", {
      tone: "fail",
      text: `${capitalised(text)}.`,
      actions: [
        { label: "Try again", press: () => this.show(route) },
        ...(route.at === "home"
          ? []
          : [{ label: "All workbooks", press: () => this.go({ at: "home" }) }]),
      ],
    });
  }

  private setReached(isReached: boolean): void {
    const { api } = this;
    const { header, banners } = this.parts;
    if (isReached === (this.retry === undefined)) return;
    header.setServer(isReached);
    if (isReached) {
      clearInterval(this.retry);
      this.retry = undefined;
      return banners.hide("server");
    }
    const ask = (): void => void api.session().catch((error: unknown) => this.askForToken(error));
    this.retry = setInterval(ask, retryPace);
    banners.show("server", {
      tone: "warn",
      text: "Tierbook’s server does not answer. Edits are kept in this browser; the page goes on when the server is back.",
      actions: [{ label: "Try now", press: ask }],
    });
  }

  /** The server is another one now, with another token: nothing here can go on without it. */
  private askForToken(error: unknown): void {
    if (!(error instanceof ApiError) || error.status !== 401) return;
    this.view?.leave();
    clearInterval(this.retry);
    dropToken(localStorage);
    this.parts.banners.show("server", {
      tone: "fail",
      text: "The server was started again and has a new token. Open the address that it printed; your edits are kept.",
      actions: [{ label: "Enter the token", press: () => location.reload() }],
    });
  }

  private listen(): void {
    window.addEventListener("popstate", () => {
      const route = currentRoute();
      if (!isShared(route)) this.show(route);
    });
    // a link that is pasted over this address may change nothing but the fragment
    window.addEventListener("hashchange", () => {
      if (isShared(currentRoute())) location.reload();
    });
    window.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void this.view?.save();
    });
    window.addEventListener("beforeunload", (event) => {
      // A draft survives; that its edits are not on disk, and that a small run ends, is worth a word.
      if (this.view?.isUnsaved === true || this.parts.local.size > 0) event.preventDefault();
    });
    window.addEventListener("pagehide", () => this.view?.leave());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
      this.view?.sendColors(),
    );
  }
}
