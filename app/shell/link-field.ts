import { button } from "./button.ts";
import { h } from "./dom.ts";

/** An address to copy, selected as soon as somebody goes there. */
export function linkField(name: string, address: string): HTMLElement {
  const field = h("input", {
    type: "text",
    readonly: true,
    value: address,
    "aria-label": name,
    spellcheck: "false",
  });
  field.addEventListener("focus", () => field.select());
  return h("div", { class: "field" }, field, copyButton(address));
}

/** A button that copies an address, and says that it did. */
export function copyButton(address: string): HTMLElement {
  const told = h("span", { class: "visually-hidden", role: "status" });
  const made = button("Copy", {}, async () => {
    const isCopied = await copied(address, made);
    const label = isCopied ? "Copied" : "Not copied";
    made.replaceChildren(h("span", {}, label));
    told.textContent = isCopied
      ? "The link is copied."
      : "The browser does not let the page copy. Select the link and copy it.";
  });
  return h("span", { class: "copy" }, made, told);
}

/** Copies; an address without TLS that is not this machine's has no clipboard, but the old command. */
async function copied(text: string, beside: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { class: "visually-hidden", readonly: true }, text);
    // beside the button, since nothing outside an open dialog can be selected
    beside.after(area);
    area.select();
    const isCopied = document.execCommand("copy");
    area.remove();
    beside.focus();
    return isCopied;
  }
}
