import { findSecrets } from "../../cells/report/secrets.ts";
import { secretsText } from "../../cells/report/secrets-text.ts";
import { sourceLink } from "../../cells/share/source-link.ts";
import { button } from "./button.ts";
import { h } from "./dom.ts";
import { faultBox } from "./fault-box.ts";
import { linkField } from "./link-field.ts";
import { sourceReach } from "./link-reach.ts";
import { number } from "./plan-text.ts";
import { secretsList } from "./secrets-list.ts";

/** What a link with the source takes. */
export interface SourceSharing {
  /** the workbook's path */
  readonly path: string;
  /** the newest text */
  readonly text: () => Promise<string>;
  /** where a fragment opens: the page's address without one */
  readonly base: string;
}

/** Characters of an address above which some chat programs cut it: Discord takes messages of 2,000. */
const shortEnough = 2000;

/** The part of the dialog that gives the whole workbook as an address. */
export function sourceSection(sharing: SourceSharing): HTMLElement {
  const place = h("div", { class: "share-place" }, h("p", { role: "status" }, "Making the link…"));
  void made(sharing, (...children) => place.replaceChildren(...children)).catch(
    (error: unknown) => {
      place.replaceChildren(faultBox(error));
    },
  );
  return h(
    "section",
    { "aria-labelledby": "share-source" },
    h("h3", { id: "share-source" }, "Link with the source"),
    h(
      "p",
      { class: "hint" },
      "The workbook itself is in the address: its source, without outputs and data. No server keeps it, and it cannot be taken back.",
    ),
    place,
  );
}

async function made(
  { path, text, base }: SourceSharing,
  show: (...children: readonly Node[]) => void,
): Promise<void> {
  const source = await text();
  const address = base + (await sourceLink({ text: source, name: path }));
  const showLink = (): void => {
    const field = linkField("Link with the source", address);
    show(
      field,
      h("p", { class: "hint" }, `${lengthText(address.length)} ${sourceReach(location)}`),
    );
  };
  const found = findSecrets(source);
  if (found.length === 0) return showLink();
  show(
    h(
      "div",
      { class: "warning" },
      h("p", {}, `Its source has ${secretsText(found)}. Whoever gets the link can read them.`),
      secretsList(found),
      button("Show the link anyway", { kind: "danger" }, () => {
        showLink();
      }),
    ),
  );
}

function lengthText(length: number): string {
  const characters = `It has ${number(length)} characters`;
  return length <= shortEnough
    ? `${characters}.`
    : `${characters}; some chat programs cut it, and then it says so when it is opened.`;
}
