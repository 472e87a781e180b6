import { secretsText } from "../../cells/report/secrets-text.ts";
import type { FileRead } from "../../cells/report/files-read.ts";
import type { PreparedPublication } from "../../cells/share/publishing.ts";
import type { SharedWorkbook } from "../../cells/share/shared-workbook.ts";
import type { Api } from "./api.ts";
import { button } from "./button.ts";
import { bytesText } from "./bytes-text.ts";
import { answerGuard } from "./dialog.ts";
import { h, type Child } from "./dom.ts";
import { faultBox } from "./fault-box.ts";
import { linkField } from "./link-field.ts";
import { publishedReach } from "./link-reach.ts";
import { counted } from "./plan-text.ts";
import type { Preferences } from "./preferences.ts";
import { publishedAddress } from "./published-links.ts";
import { secretsList } from "./secrets-list.ts";

/** What publishing a workbook takes. */
export interface Publishing {
  /** the workbook's path */
  readonly path: string;
  readonly api: Pick<Api, "files" | "preparePublication" | "publish">;
  readonly preferences: Pick<Preferences, "publicName">;
  /** what the workbook shows and has come to */
  readonly shown: () => Promise<SharedWorkbook>;
  /** what it has read so far */
  readonly files: () => readonly FileRead[];
  /** hears that there is a new link */
  readonly published: () => void;
}

/**
 * The part of the dialog that publishes. What would leave is shown first; only a second press, on
 * what was shown, makes it public.
 */
export class PublishSection {
  readonly element: HTMLElement;
  private readonly name: HTMLInputElement;
  private readonly data = h("input", { type: "checkbox", change: () => this.reset() });
  private readonly prepare = button("Prepare", {}, () => this.prepared());
  private readonly place = h("div", { class: "share-place" });
  /** counts what was asked for; an answer to an earlier question is dropped */
  private turn = 0;

  constructor(private readonly publishing: Publishing) {
    this.name = h("input", {
      id: "share-name",
      type: "text",
      maxlength: 200,
      autocomplete: "name",
      value: publishing.preferences.publicName,
      input: () => this.reset(),
    });
    this.element = h(
      "section",
      { "aria-labelledby": "share-publish" },
      h("h3", { id: "share-publish" }, "Publish on this server"),
      h(
        "p",
        { class: "hint" },
        `The server keeps the workbook as it is now, with what it shows and its results, until you take it back. ${publishedReach(location)}`,
      ),
      h(
        "label",
        { class: "field-label", for: "share-name" },
        "Your name, shown with it (optional)",
      ),
      h("div", { class: "field" }, this.name),
      this.dataChoice(publishing.files()),
      h("div", { class: "share-next" }, this.prepare),
      this.place,
    );
  }

  private dataChoice(files: readonly FileRead[]): HTMLElement {
    if (files.length === 0) return h("p", { class: "hint" }, "It has read no files.");
    const sizes = files.map(() => h("small"));
    void this.publishing.api.files().then(
      (known) => {
        for (const [i, { path }] of files.entries()) {
          const bytes = known.find((file) => file.path === path)?.bytes;
          sizes[i]?.append(bytes === undefined ? "" : bytesText(bytes));
        }
      },
      // preparing says the same, and what is wrong
      () => undefined,
    );
    return h(
      "div",
      { class: "share-data" },
      h("label", { class: "check" }, this.data, h("span", {}, "Its data goes along")),
      h(
        "p",
        { class: "hint" },
        "With the data others can run it; without, they see what it shows and what comes from results. Results go along in any case, and the result of a query holds its rows.",
      ),
      h(
        "ul",
        { class: "share-files" },
        ...files.map(({ path }, i) => h("li", {}, h("code", {}, path), sizes[i])),
      ),
    );
  }

  /** What was prepared is no longer what the person asks for. */
  private reset(): void {
    this.turn += 1;
    this.prepare.disabled = false;
    this.place.replaceChildren();
  }

  private async prepared(): Promise<void> {
    const { path, api, preferences, shown, files } = this.publishing;
    const by = this.name.value.trim();
    this.reset();
    const turn = this.turn;
    this.prepare.disabled = true;
    this.place.replaceChildren(h("p", { role: "status" }, "Looking at what would leave…"));
    try {
      preferences.publicName = by;
      const request = {
        path,
        shown: await shown(),
        files: files(),
        by: by === "" ? null : by,
        withData: this.data.checked,
      };
      const publication = await api.preparePublication(request);
      if (turn === this.turn) this.show(publication);
    } catch (error) {
      if (turn === this.turn) this.place.replaceChildren(faultBox(error));
    } finally {
      if (turn === this.turn) this.prepare.disabled = false;
    }
  }

  private show(publication: PreparedPublication): void {
    const { found, unsearched } = publication;
    const heading = h("h4", { tabindex: -1 }, `This would leave: ${bytesText(publication.bytes)}`);
    const isClean = found.length === 0 && unsearched.length === 0;
    const publish = button(
      isClean ? "Publish" : "Publish anyway",
      { kind: isClean ? "primary" : "danger", disabled: true },
      () => this.publish(publication.digest, publish),
    );
    // a second press of a double click decides nothing
    setTimeout(() => (publish.disabled = false), answerGuard);
    this.place.replaceChildren(
      h(
        "div",
        { class: isClean ? "share-leaving" : "share-leaving warning" },
        heading,
        h(
          "p",
          {},
          "The workbook’s source, what it shows now, and the results, receipts and runs behind that.",
        ),
        filesLeaving(publication),
        ...warnings(publication),
        h(
          "div",
          { class: "share-next" },
          button("Not now", {}, () => this.reset()),
          publish,
        ),
      ),
    );
    heading.focus();
  }

  private async publish(digest: string, pressed: HTMLButtonElement): Promise<void> {
    const { turn } = this;
    pressed.disabled = true;
    this.place.querySelector(".fault-box")?.remove();
    try {
      await this.publishing.api.publish(digest);
    } catch (error) {
      // what was prepared stays, to be tried again
      if (turn === this.turn) this.place.append(faultBox(error));
      pressed.disabled = false;
      return;
    }
    if (turn === this.turn) {
      const heading = h("h4", { tabindex: -1 }, "It is public");
      this.place.replaceChildren(heading, linkField("Published link", publishedAddress(digest)));
      heading.focus();
    }
    this.publishing.published();
  }
}

function filesLeaving({ files }: PreparedPublication): Child {
  if (files.length === 0) return undefined;
  return h(
    "ul",
    { class: "share-files" },
    ...files.map(({ path, size, isIncluded, reason }) =>
      h(
        "li",
        {},
        h("code", {}, path),
        h("small", {}, isIncluded ? bytesText(size) : `stays here${reason ? `: ${reason}` : ""}`),
      ),
    ),
  );
}

function warnings({ found, foundMore, unsearched }: PreparedPublication): readonly Child[] {
  return [
    found.length > 0 &&
      h("p", {}, `In it: ${secretsText(found)}. Whoever has the link can read them.`),
    found.length > 0 && secretsList(found),
    foundMore > 0 && h("p", {}, `And ${counted(foundMore, "more place")} of the same kinds.`),
    ...unsearched.map((sentence) => h("p", {}, sentence)),
  ];
}
