import { readSourceLink } from "../../cells/share/source-link.ts";
import { sha256 } from "../../runtime/sha256.ts";
import { Banners } from "./banners.ts";
import { button } from "./button.ts";
import { applyColors } from "./colors.ts";
import { copiesList } from "./copies-list.ts";
import { downloadText } from "./conflict-dialog.ts";
import { h } from "./dom.ts";
import { BrowserCopies } from "./guest/browser-copies.ts";
import { openPublication } from "./guest/publication-client.ts";
import { openSite, publicationFolder } from "./guest/site-client.ts";
import { openCopy, openPreviewed, type GuestPlace } from "./guest-workbook.ts";
import { Header } from "./header.ts";
import { copyPlace, keepCopy } from "./keep-copy.ts";
import { checkDigest, linkFault, MissingError } from "./link-fault.ts";
import { LocalRuns } from "./local-runs.ts";
import type { OwnServer } from "./own-server.ts";
import { pageBase } from "./page-base.ts";
import { Preferences } from "./preferences.ts";
import { previewOfLink, previewOfPublication, type Preview } from "./preview.ts";
import { faultPage, PreviewPage } from "./preview-page.ts";
import {
  addressOf,
  currentRoute,
  isShared,
  isStaticSite,
  type Route,
  type SharedRoute,
} from "./routes.ts";
import { asksToRun } from "./run-consent.ts";
import { siteStart } from "./site-start.ts";
import { TrainingClient } from "./training-client.ts";
import { WorkbookView } from "./workbook-view.ts";
import { startTrainingWorker } from "./workers.ts";

/** The page of somebody who opened a link. It needs no token, and nothing runs until they say so. */
export class GuestPage {
  private readonly banners = new Banners();
  private readonly content = h("div", { class: "content" });
  private readonly copies = new BrowserCopies(localStorage, pageBase().pathname);
  private readonly local = new LocalRuns();
  private readonly training = new TrainingClient(startTrainingWorker);
  private view: PreviewPage | WorkbookView | undefined;
  /** counts the places asked for; what loads for an earlier one is dropped */
  private turn = 0;

  /** @param server the visitor's own, where the browser has its token */
  constructor(private readonly server: OwnServer | undefined) {
    this.listen();
  }

  /** Shows a place, in the place of what was shown. */
  show(route: SharedRoute): void {
    this.view?.close();
    this.view = undefined;
    this.banners.hide("page");
    this.turn += 1;
    this.place("");
    this.content.replaceChildren(h("p", { class: "loading", role: "status" }, "Opening…"));
    this.open(route, this.turn).catch((error: unknown) => this.fail(error, route));
  }

  private async open(route: SharedRoute, turn: number): Promise<void> {
    switch (route.at) {
      case "publication":
        return await this.openPublished(route.digest, turn);
      case "link": {
        const source = await readSourceLink(route.fragment);
        if (source === undefined) throw new MissingError("This address holds no workbook");
        if (turn === this.turn) this.preview(previewOfLink(source));
        return;
      }
      case "site-workbook": {
        const { workbooks } = await openSite();
        const found = workbooks.find(({ path }) => path === route.path);
        if (found === undefined)
          throw new MissingError(`There is no workbook ${route.path} on this site`);
        return await this.openPublished(found.digest, turn);
      }
      case "site": {
        const site = await openSite();
        if (turn !== this.turn) return;
        document.title = `${site.title} – Tierbook`;
        return this.fill(siteStart(site, copiesList(this.copies)));
      }
      case "copy":
        return await this.openCopy(route.id, turn);
    }
  }

  private async openPublished(digest: string, turn: number): Promise<void> {
    checkDigest(digest);
    const opened = await openPublication(publicationFolder(digest), digest);
    const preview = await previewOfPublication(opened);
    if (turn === this.turn) this.preview(preview);
  }

  private preview(preview: Preview): void {
    const { opened, source, title, name } = preview;
    const place = this.place(
      opened === undefined ? `link:${sha256(source)}` : `publication:${opened.digest}`,
    );
    document.title = `${title} – Tierbook`;
    place.header.setPath(opened?.publication.path ?? name);
    const copying = {
      copyWhere: copyPlace(this.server),
      copy: async (text: string) => {
        const { copies, server } = this;
        this.go(await keepCopy({ preview, text, copies, server }));
      },
    };
    const actions = {
      copyWhere: copying.copyWhere,
      copy: () => copying.copy(source).catch((error: unknown) => this.tell(error)),
      download: () => downloadText(name, source),
      run: async () => {
        const { turn } = this;
        if (!(await asksToRun(preview)) || turn !== this.turn) return;
        this.view?.close();
        this.banners.hide("page");
        this.view = openPreviewed(preview, copying, place);
        this.fill(this.view.element);
      },
    };
    this.view = new PreviewPage(preview, actions, place.preferences);
    this.fill(this.view.element);
  }

  private async openCopy(id: string, turn: number): Promise<void> {
    const copy = this.copies.read(id);
    if (copy === undefined) throw new MissingError("This copy is not in this browser");
    const { publication } = copy.from;
    const opened =
      publication &&
      (await openPublication(publication.folder, publication.digest).catch((error: unknown) => {
        if (turn === this.turn) this.tellLost(error);
        return undefined;
      }));
    if (turn !== this.turn) return;
    this.view = openCopy(copy, this.copies, opened, this.place(this.copies.workspace(id)));
    this.fill(this.view.element);
  }

  /** A copy opens also where what it was made from does not. */
  private tellLost(error: unknown): void {
    this.banners.show("page", {
      tone: "warn",
      text: `What this copy was made from cannot be read, so its data and results are not here. ${linkFault(error).text}`,
      closable: true,
    });
  }

  /** Puts up the frame of the page, with the permissions of what is shown. */
  private place(workspace: string): GuestPlace {
    const { banners, local, training } = this;
    const preferences = new Preferences(localStorage, workspace);
    preferences.changes.listen(() => applyColors(preferences));
    const header = new Header(preferences, () => this.go({ at: isStaticSite() ? "site" : "home" }));
    header.setServer(undefined);
    document.body.replaceChildren(header.element, banners.element, this.content);
    return { header, banners, preferences, local, training, workspace };
  }

  private fill(element: HTMLElement): void {
    this.content.replaceChildren(element);
    element.focus({ preventScroll: true });
  }

  private go(route: Route): void {
    location.assign(new URL(addressOf(route), pageBase()));
  }

  private tell(error: unknown): void {
    const { text, todo } = linkFault(error);
    this.banners.show("page", { tone: "fail", text: `${text} ${todo}`, closable: true });
  }

  private fail(error: unknown, route: SharedRoute): void {
    const fault = linkFault(error);
    document.title = `${fault.title} – Tierbook`;
    const again = button("Try again", { kind: "primary" }, () => this.show(route));
    const start =
      isStaticSite() &&
      route.at !== "site" &&
      button("All workbooks", {}, () => this.go({ at: "site" }));
    this.fill(faultPage(fault, fault.canRetry && again, start));
  }

  private listen(): void {
    window.addEventListener("hashchange", () => {
      const route = currentRoute();
      if (isShared(route)) this.show(route);
      else location.reload();
    });
    const workbook = (): WorkbookView | undefined =>
      this.view instanceof WorkbookView ? this.view : undefined;
    window.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void workbook()?.save();
    });
    window.addEventListener("beforeunload", (event) => {
      // edits are kept as drafts; a small run ends with the page
      if (this.local.size > 0) event.preventDefault();
    });
    window.addEventListener("pagehide", () => workbook()?.leave());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
      workbook()?.sendColors(),
    );
  }
}
