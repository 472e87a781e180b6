import { element } from "./element.ts";

/** The field for the name of a cell's result. */
export function makeNameField(does: {
  named(name: string): void;
  /** the person leaves the field for the cell */
  leave(): void;
  /** the person goes on to the source */
  goOn(): void;
}): HTMLInputElement {
  const field = element("input", {
    class: "cell-output-name",
    attributes: {
      type: "text",
      spellcheck: "false",
      autocomplete: "off",
      placeholder: "name the result",
      "aria-label": "Name of the result",
    },
    on: {
      change: () => does.named(field.value.trim()),
      keydown: (event) => {
        if (event.key === "Escape") does.leave();
        else if (event.key === "Enter") does.goOn();
        else return;
        event.preventDefault();
      },
    },
  });
  return field;
}
