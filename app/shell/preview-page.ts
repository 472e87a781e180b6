import { button } from "./button.ts";
import { h, nodes } from "./dom.ts";
import { stateGlyph } from "./icons.ts";
import type { Preview } from "./preview.ts";
import type { PreviewFact } from "./preview-facts.ts";
import type { Preferences } from "./preferences.ts";
import { savedOutputs } from "./saved-outputs.ts";
import { sourceCells } from "./source-cells.ts";

/** What a person can do from a preview. */
export interface PreviewActions {
  /** asks, and lets the workbook run */
  readonly run: () => unknown;
  /** where a copy is put, as it stands after "Make a copy" */
  readonly copyWhere: string;
  readonly copy: () => Promise<void>;
  readonly download: () => void;
}

/**
 * The preview of a workbook that somebody else made: what it is, who made it, and what it showed to
 * them. Nothing of it runs here.
 */
export class PreviewPage {
  readonly element: HTMLElement;
  private readonly stop: () => void;

  constructor(preview: Preview, actions: PreviewActions, preferences: Preferences) {
    const shown = showOf(preview);
    const draw = (): void => {
      const { colorScheme } = preferences;
      shown.setColors(colorScheme === "system" ? undefined : colorScheme);
    };
    draw();
    this.stop = preferences.changes.listen(draw);
    this.element = h(
      "main",
      { class: "preview", tabindex: -1, "aria-labelledby": "preview-title" },
      head(preview, actions),
      shown.element,
    );
  }

  close(): void {
    this.stop();
  }
}

function head(preview: Preview, { run, copyWhere, copy, download }: PreviewActions): HTMLElement {
  const makeCopy = button("Make a copy", { title: `Make a copy ${copyWhere}` }, async () => {
    makeCopy.disabled = true;
    await copy().finally(() => (makeCopy.disabled = false));
  });
  return h(
    "header",
    { class: "preview-head" },
    h(
      "div",
      { class: "preview-top" },
      h("h1", { id: "preview-title" }, preview.title),
      h(
        "div",
        { class: "preview-actions" },
        button("Download", { kind: "plain", title: "Download the workbook’s file" }, download),
        makeCopy,
        button("Run", { kind: "primary", icon: "play" }, run),
      ),
    ),
    h("p", { class: "preview-lead" }, h("strong", {}, "Nothing has run."), ` ${leadOf(preview)}`),
    h("ul", { class: "preview-facts", "aria-label": "About it" }, ...preview.facts.map(factLine)),
  );
}

function leadOf({ saved }: Preview): string {
  return saved === undefined
    ? "Below is its source, as the link holds it."
    : "Below is what it showed when it was published; links that lead out of it are off.";
}

function factLine({ tone, text }: PreviewFact): HTMLElement {
  return h("li", { "data-state": tone }, stateGlyph(tone), h("span", {}, text));
}

interface Shown {
  readonly element: HTMLElement;
  setColors(scheme: "light" | "dark" | undefined): void;
}

function showOf({ saved, source, title }: Preview): Shown {
  if (saved !== undefined) return savedOutputs(saved, `Saved outputs of ${title}`);
  return { element: sourceCells(source), setColors: () => undefined };
}

/** A place that says in words why there is nothing to see, and what to do about it. */
export function faultPage(
  { title, text, todo }: { readonly title: string; readonly text: string; readonly todo: string },
  ...actions: readonly (HTMLElement | false)[]
): HTMLElement {
  return h(
    "main",
    { class: "fault-page", tabindex: -1, "data-state": "fail" },
    stateGlyph("fail"),
    h("h1", {}, title),
    h("p", { role: "alert" }, text),
    h("p", { class: "lead" }, todo),
    h("div", { class: "fault-actions" }, ...nodes(...actions)),
  );
}
