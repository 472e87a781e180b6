/** What an element may contain; `undefined`, `null` and `false` are nothing. */
export type Child = Node | string | number | undefined | null | false;

/**
 * An element's attributes. `true` sets an empty attribute; `undefined` and `false` set none.
 * Functions are listeners, named by their event: `{ click: () => … }`.
 */
export type Attributes = Readonly<
  Record<string, string | number | boolean | undefined | ((event: Event) => unknown)>
>;

/** Makes an HTML element. Text is text: nothing is ever parsed as markup. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return dress(document.createElement(tag), attributes, children);
}

/** Makes an SVG element. */
export function s<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** The children that are something, to hand to `append` and `replaceChildren`. */
export function nodes(...children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child) =>
    child === undefined || child === null || child === false
      ? []
      : [typeof child === "number" ? String(child) : child],
  );
}

function dress<Made extends Element>(
  element: Made,
  attributes: Attributes,
  children: readonly Child[],
): Made {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...nodes(...children));
  return element;
}
