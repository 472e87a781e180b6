import type { Card, CardAction } from "./card.ts";
import { htmlElement } from "./element.ts";
import { isInPlace, renderPart, updatePart } from "./render-part.ts";
import { marks, statusWords } from "./status-word.ts";

/** Hears of a button that was pressed. */
export type ActionListener = (action: CardAction) => void;

/**
 * Draws a card. Nothing in it is ever read as markup. Its looks are in `card.css`.
 *
 * @param onAction hears of its buttons; where it is absent, there are none
 */
export function renderCard(document: Document, card: Card, onAction?: ActionListener): HTMLElement {
  const root = htmlElement(document, "section", { class: "tb-card", role: "group" });
  const view: View = {
    root,
    mark: htmlElement(document, "span", { class: "tb-card-mark", "aria-hidden": "true" }),
    title: htmlElement(document, "span", { class: "tb-card-title" }),
    status: htmlElement(document, "span", { class: "tb-card-status", role: "status" }),
    summary: htmlElement(document, "p", { class: "tb-card-summary" }),
    actions: htmlElement(document, "div", { class: "tb-card-actions" }),
    parts: htmlElement(document, "div", { class: "tb-card-parts" }),
    onAction,
    shown: undefined,
  };
  root.append(
    htmlElement(
      document,
      "header",
      { class: "tb-card-head" },
      view.mark,
      view.title,
      view.status,
      view.actions,
      view.summary,
    ),
    view.parts,
  );
  views.set(root, view);
  show(view, card);
  return root;
}

/** Shows another state in an element that {@link renderCard} made; what is the same stays. */
export function updateCard(element: HTMLElement, card: Card): void {
  const view = views.get(element);
  if (view === undefined) throw new TypeError("updateCard: the element is no card");
  if (view.shown !== card) show(view, card);
}

interface View {
  readonly root: HTMLElement;
  readonly mark: HTMLElement;
  readonly title: HTMLElement;
  readonly status: HTMLElement;
  readonly summary: HTMLElement;
  readonly actions: HTMLElement;
  readonly parts: HTMLElement;
  readonly onAction: ActionListener | undefined;
  shown: Card | undefined;
}

const views = new WeakMap<HTMLElement, View>();

function show(view: View, card: Card): void {
  const { root, shown } = view;
  root.dataset["stage"] = card.stage;
  root.dataset["status"] = card.status;
  root.setAttribute("aria-label", card.title);
  setText(view.mark, marks[card.status]);
  setText(view.title, card.title);
  setText(view.status, statusWords[card.status]);
  setText(view.summary, card.summary);
  showParts(view, card);
  if (!isSame(shown?.actions, card.actions)) showActions(view, card);
  view.shown = card;
}

function showParts({ parts, shown }: View, card: Card): void {
  const document = parts.ownerDocument;
  card.parts.forEach((part, i) => {
    const element = parts.children[i];
    const before = shown?.parts[i];
    if (element === undefined) parts.append(renderPart(document, part));
    else if (before !== undefined && isInPlace(before, part)) updatePart(element, part);
    else if (!isSame(before, part)) replacePart(element, renderPart(document, part));
  });
  while (parts.children.length > card.parts.length) parts.lastElementChild?.remove();
}

/** Puts one drawing in the place of another; what the person opened stays open. */
function replacePart(before: Element, after: Element): void {
  const details = after.querySelector("details");
  if (details !== null) details.open = before.querySelector("details")?.open ?? details.open;
  before.replaceWith(after);
}

function showActions({ actions, onAction }: View, card: Card): void {
  if (onAction === undefined) return;
  const hadFocus = actions.contains(actions.ownerDocument.activeElement);
  actions.replaceChildren(
    ...card.actions.map((action) => {
      const button = htmlElement(
        actions.ownerDocument,
        "button",
        { type: "button", class: "tb-card-button", "data-action": action.action },
        action.label,
      );
      button.addEventListener("click", () => onAction(action));
      return button;
    }),
  );
  if (hadFocus) actions.querySelector("button")?.focus();
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function isSame(before: unknown, after: unknown): boolean {
  return before === after || JSON.stringify(before) === JSON.stringify(after);
}
