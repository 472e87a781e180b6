import { button } from "./button.ts";
import { downloadText } from "./conflict-dialog.ts";
import { ask } from "./dialog.ts";
import { h } from "./dom.ts";
import type { BrowserCopies, BrowserCopy } from "./guest/browser-copies.ts";
import { icon } from "./icons.ts";
import { agoTime } from "./moment-text.ts";
import { pageBase } from "./page-base.ts";
import { addressOf } from "./routes.ts";

/** The copies that live in this browser, to open, download and delete; `undefined` where there are none. */
export function copiesList(copies: BrowserCopies): HTMLElement | undefined {
  const all = copies.list();
  if (all.length === 0) return undefined;
  const list = h("ul", { class: "workbooks" });
  const section = h(
    "section",
    { "aria-labelledby": "browser-copies" },
    h("h2", { id: "browser-copies" }, "In this browser"),
    list,
    h("p", { class: "hint" }, "Nobody else sees them. They go when this site’s data is cleared."),
  );
  const line = (copy: BrowserCopy): HTMLElement => {
    const made = copyLine(copy, async () => {
      if (!(await agreesToDelete(copy))) return;
      copies.remove(copy.id);
      made.remove();
      if (list.childElementCount === 0) section.remove();
    });
    return made;
  };
  list.append(...all.map(line));
  return section;
}

function copyLine(copy: BrowserCopy, remove: () => void): HTMLElement {
  const { id, title, name, at, text } = copy;
  return h(
    "li",
    { class: "copy-line" },
    h(
      "a",
      { href: new URL(addressOf({ at: "copy", id }), pageBase()).href },
      icon("workbook"),
      h(
        "span",
        { class: "workbook-text" },
        h("span", { class: "workbook-title" }, title),
        h("span", { class: "workbook-path" }, name),
      ),
      agoTime(at),
    ),
    button("Download", { kind: "plain", name: `Download ${name}` }, () => downloadText(name, text)),
    button("Delete", { kind: "plain", name: `Delete ${name}` }, remove),
  );
}

async function agreesToDelete({ title }: BrowserCopy): Promise<boolean> {
  const answer = await ask<boolean>(
    `Delete ${title}?`,
    [h("p", { class: "lead" }, "This copy is in this browser only, so it is gone then.")],
    [
      { label: "Keep it", value: false },
      { label: "Delete it", kind: "danger", value: true },
    ],
  );
  return answer === true;
}
