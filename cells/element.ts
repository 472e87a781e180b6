/** What an element may be given: attributes as text; `undefined` leaves one out. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/** An HTML element with attributes and children; text is always text, never markup. */
export function htmlElement<Name extends keyof HTMLElementTagNameMap>(
  document: Document,
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  return filled(document.createElement(name), attributes, children);
}

/** An SVG element with attributes and children. */
export function svgElement<Name extends keyof SVGElementTagNameMap>(
  document: Document,
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[Name] {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled<Kind extends Element>(
  element: Kind,
  attributes: Attributes,
  children: readonly (Node | string)[],
): Kind {
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
