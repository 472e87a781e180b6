/**
 * What a form's control says now, as text; undefined where it says nothing of its own: a slider beside
 * the number that it sets, what is hidden, a radio button that is not chosen.
 */
export function controlText(control: Element): string | undefined {
  if (control instanceof HTMLSelectElement)
    return Array.from(control.selectedOptions, ({ textContent }) => textContent?.trim() ?? "").join(
      ", ",
    );
  if (control instanceof HTMLTextAreaElement) return control.value;
  return control instanceof HTMLInputElement ? inputText(control) : undefined;
}

function inputText(input: HTMLInputElement): string | undefined {
  switch (input.type) {
    case "hidden":
    case "submit":
    case "reset":
    case "button":
    case "image":
      return undefined;
    case "password":
      return input.value === "" ? "" : "••••";
    case "checkbox":
      return input.checked ? "☑" : "☐";
    case "radio":
      return input.checked ? "◉" : "○";
    case "range":
      return hasNumberBeside(input) ? undefined : input.value;
    case "file":
      return Array.from(input.files ?? [], ({ name }) => name).join(", ") || "no file";
    default:
      return input.value;
  }
}

/** Observable's `Inputs.range` is a slider and a number that always say the same. */
function hasNumberBeside({ parentElement }: HTMLInputElement): boolean {
  return parentElement?.querySelector(":scope > input[type=number]") != null;
}
