import { commandHelp } from "./command-keys.ts";
import { element } from "./element.ts";

/** Shows the keys; Escape or a press closes it. */
export function showKeysHelp(): void {
  const isMac = navigator.platform.startsWith("Mac");
  const list = element("dl", { class: "keys" });
  for (const { keys, does } of commandHelp)
    list.append(
      element("dt", {}, element("kbd", { text: isMac ? keys : keys.replaceAll("⌘", "Ctrl") })),
      element("dd", { text: does }),
    );
  const dialog = element(
    "dialog",
    { class: "keys-help", attributes: { "aria-label": "Keys" } },
    element("h2", { text: "Keys" }),
    list,
  );
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
