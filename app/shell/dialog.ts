import { button } from "./button.ts";
import { h, nodes, type Child } from "./dom.ts";

/** A choice at the foot of a dialog. Pressing it gives its value, once `press` has gone well. */
export interface Choice<Value> {
  readonly label: string;
  readonly kind?: "primary" | "danger";
  readonly value: Value;
  /** whether what the person has filled in is enough for it; asked again at every input */
  readonly isReady?: () => boolean;
  /** done before the dialog closes; what it throws is shown, and the dialog stays */
  readonly press?: () => Promise<void>;
}

/**
 * Milliseconds in which a new dialog takes no answer. Else a workbook could have a person double-click
 * where a button is about to appear.
 */
export const answerGuard = 500;

/**
 * Asks the person something, over the whole page. Escape gives `undefined`.
 *
 * @param error how a choice's failure is said
 */
export function ask<Value>(
  title: string,
  content: readonly Child[],
  choices: readonly Choice<Value>[],
  error: (error: unknown) => readonly Child[] = errorText,
): Promise<Value | undefined> {
  const heading = h("h2", { id: "dialog-title", tabindex: -1 }, title);
  const fault = h("div", { class: "dialog-fault", role: "alert" });
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": "dialog-title" });
  return new Promise((resolve) => {
    let answer: Value | undefined;
    const buttons = choices.map((choice) => {
      const look = choice.kind === undefined ? {} : { kind: choice.kind };
      return button(choice.label, look, async () => {
        setBusy(true);
        try {
          await choice.press?.();
          answer = choice.value;
          dialog.close();
        } catch (thrown) {
          fault.replaceChildren(...nodes(...error(thrown)));
        } finally {
          setBusy(false);
        }
      });
    });
    let isBusy = false;
    const enable = (): void =>
      buttons.forEach((each, i) => (each.disabled = isBusy || choices[i]?.isReady?.() === false));
    const setBusy = (busy: boolean): void => {
      isBusy = busy;
      enable();
    };
    dialog.addEventListener("input", enable);
    dialog.append(
      h("header", {}, heading),
      h("div", { class: "dialog-body" }, ...content),
      fault,
      h("footer", {}, ...buttons),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    setBusy(true);
    setTimeout(() => setBusy(false), answerGuard);
    document.body.append(dialog);
    dialog.showModal();
    // Not a button: Enter, still held from typing in the workbook, must start nothing.
    heading.focus();
  });
}

/** An error as a dialog says it: what happened, and what to do. */
export function errorText(error: unknown): readonly Child[] {
  const message = error instanceof Error ? error.message : String(error);
  const hint =
    error instanceof Error && "hint" in error && typeof error.hint === "string"
      ? error.hint
      : undefined;
  return [h("p", {}, message), hint !== undefined && h("p", { class: "hint" }, hint)];
}
