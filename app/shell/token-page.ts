import { h } from "./dom.ts";
import { mark } from "./icons.ts";
import { tokenFrom } from "./session.ts";

/**
 * The page of somebody without the server's token: where it is, and a place to paste it.
 *
 * @param isRefused whether a token was there and the server did not take it
 * @param enter tries a token; gives whether the server takes it
 */
export function tokenPage(
  isRefused: boolean,
  enter: (token: string) => Promise<boolean>,
): HTMLElement {
  const field = h("input", {
    id: "token",
    name: "token",
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "http://127.0.0.1:…/#token=…",
    "aria-describedby": "token-fault",
  });
  const fault = h("p", { id: "token-fault", class: "fault", role: "alert" });
  const open = h("button", { type: "submit", class: "button primary" }, "Open");
  const form = h(
    "form",
    { class: "token-form" },
    h("label", { for: "token" }, "Address or token"),
    h("div", { class: "field" }, field, open),
    fault,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void tryToken();
  });
  const tryToken = async (): Promise<void> => {
    const token = tokenFrom(field.value);
    if (token === undefined) {
      fault.textContent = "That is neither the printed address nor a token.";
      return field.focus();
    }
    open.disabled = true;
    try {
      if (!(await enter(token)))
        fault.textContent = "The server does not take this token. Copy the newest address.";
    } catch (error) {
      fault.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      open.disabled = false;
    }
  };
  if (isRefused)
    fault.textContent = "The token of this browser is of an earlier start of the server.";
  return h(
    "main",
    { class: "token-page" },
    mark(),
    h("h1", {}, "Open Tierbook from its terminal"),
    h(
      "p",
      { class: "lead" },
      "When Tierbook starts, it prints an address that ends in ",
      h("code", {}, "#token=…"),
      ". Open that address, or paste it here. The token keeps other programs and pages away from your workspace.",
    ),
    form,
  );
}
