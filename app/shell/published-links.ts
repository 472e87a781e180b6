import type { PublicationLine } from "../../cells/share/publishing.ts";
import { sha256 } from "../../runtime/sha256.ts";
import type { Api } from "./api.ts";
import { button } from "./button.ts";
import { bytesText } from "./bytes-text.ts";
import { h } from "./dom.ts";
import { faultBox } from "./fault-box.ts";
import { copyButton } from "./link-field.ts";
import { momentText } from "./moment-text.ts";
import { addressOf } from "./routes.ts";

/** What a list of published links needs. */
export interface PublishedLinksParts {
  readonly api: Pick<Api, "publications" | "takeBack">;
  readonly title: string;
  /** the level of its heading where it stands */
  readonly level: "h2" | "h3";
  /** the one workbook whose links are listed; all of the workspace without */
  readonly workbook?: {
    readonly path: string;
    /** its newest text, to tell what was published of an earlier one */
    readonly text: () => Promise<string>;
  };
}

/** The address of what was published under a digest. */
export function publishedAddress(digest: string): string {
  return new URL(addressOf({ at: "publication", digest }), location.origin).href;
}

/** What is public, to copy, open and take back; hidden where nothing is. */
export class PublishedLinks {
  private readonly list = h("ul", { class: "published" });
  private readonly heading: HTMLElement;
  readonly element: HTMLElement;

  constructor(private readonly parts: PublishedLinksParts) {
    this.heading = h(parts.level, { tabindex: -1 }, parts.title);
    this.element = h("section", { hidden: true }, this.heading, this.list);
  }

  /** Reads what is public now and draws it. */
  async load(): Promise<void> {
    const { api, workbook } = this.parts;
    try {
      const all = await api.publications();
      const own = all.filter(({ path }) => workbook === undefined || path === workbook.path);
      const now = own.length === 0 ? undefined : await workbook?.text();
      const digest = now === undefined ? undefined : sha256(now);
      const lines = own.map((line) =>
        this.line(line, digest !== undefined && line.workbook !== digest),
      );
      this.list.replaceChildren(...lines);
      this.element.hidden = own.length === 0;
    } catch (error) {
      this.list.replaceChildren(h("li", {}, faultBox(error)));
      this.element.hidden = false;
    }
  }

  private line(line: PublicationLine, isEarlier: boolean): HTMLElement {
    const address = publishedAddress(line.digest);
    const isOfAll = this.parts.workbook === undefined;
    const text = h(
      "span",
      { class: "published-name", tabindex: -1 },
      isOfAll ? line.title || line.path : momentText(line.at),
      h("small", {}, this.facts(line)),
      isEarlier && h("small", {}, "The workbook has changed since: publish it for a new link."),
    );
    const item = h("li", {});
    const draw = (): void => {
      item.replaceChildren(
        text,
        copyButton(address),
        h("a", { class: "button", href: address, target: "_blank", rel: "noopener" }, "Open"),
        button("Take back", {}, () => {
          item.replaceChildren(text, ...this.question(line, item, draw));
          text.focus();
        }),
      );
    };
    draw();
    return item;
  }

  private facts({ path, by, at, bytes, withData }: PublicationLine): string {
    const facts = [
      ...(this.parts.workbook === undefined ? [path, momentText(at)] : []),
      ...(by === null ? [] : [`by ${by}`]),
      bytesText(bytes),
      withData ? "with data" : "without data",
    ];
    return facts.join(" · ");
  }

  /** Asks once whether a link is to end. */
  private question({ digest }: PublicationLine, item: HTMLElement, keep: () => void): Node[] {
    const end = button("Take it back", { kind: "danger" }, async () => {
      end.disabled = true;
      try {
        await this.parts.api.takeBack(digest);
        await this.load();
        this.heading.focus();
      } catch (error) {
        keep();
        item.append(faultBox(error));
      }
    });
    return [
      h("p", { class: "question" }, "Whoever opens the link then finds it gone, for good."),
      button("Keep it", {}, keep),
      end,
    ];
  }
}
