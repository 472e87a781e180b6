/**
 * A black that nobody writes by chance. Where it is left in a drawing of Graphviz, no colour was
 * asked for.
 */
export const unasked = "#00000101";

/** Gives a drawing of Graphviz the page's colours and type where it asks for none of its own. */
export function fitDrawing(drawing: SVGSVGElement): void {
  drawing.setAttribute("style", "max-width: 100%; height: auto; font-family: var(--tb-sans)");
  for (const part of drawing.querySelectorAll(unaskedParts("stroke"))) colour(part, "stroke");
  for (const part of drawing.querySelectorAll(unaskedParts("fill"))) {
    if (part.localName === "text" && isOnOwnColour(part, drawing)) colour(part, "fill", "black");
    else colour(part, "fill");
    if (isBehindText(part)) part.setAttribute("fill-opacity", "0.1");
  }
  for (const text of drawing.querySelectorAll('[font-family^="Helvetica"]')) {
    text.removeAttribute("font-family");
    text.setAttribute("font-size", (numberOf(text, "font-size") * narrower).toFixed(2));
  }
}

/** The page's type is a little wider than Helvetica, for which Graphviz made room. */
const narrower = 0.94;

/** {@link unasked}, as Graphviz writes it into a drawing. */
function unaskedParts(name: "stroke" | "fill"): string {
  return `[${name}="#000001"][${name}-opacity="0.003922"]`;
}

function colour(part: Element, name: "stroke" | "fill", value = "currentColor"): void {
  part.setAttribute(name, value);
  part.removeAttribute(`${name}-opacity`);
}

/** A filled shape without a colour of its own, which must not hide what is written on it. */
function isBehindText(part: Element): boolean {
  const group = part.closest(".node, .cluster");
  return part.localName !== "text" && group !== null && group.querySelector("text") !== null;
}

/** Text on a colour that the graph asks for stays black, as Graphviz means it, in the dark too. */
function isOnOwnColour(text: Element, drawing: Element): boolean {
  const [x, y] = [numberOf(text, "x"), numberOf(text, "y")];
  const shapes = drawing.querySelectorAll("ellipse[fill], polygon[fill], path[fill]");
  return Array.from(shapes).some((shape) => {
    const fill = shape.getAttribute("fill") ?? "none";
    if (["none", "transparent", "currentColor", "#000001"].includes(fill)) return false;
    const [left, top, right, bottom] = boundsOf(shape);
    return left <= x && x <= right && top <= y && y <= bottom;
  });
}

type Bounds = readonly [left: number, top: number, right: number, bottom: number];

/** Graphviz writes all places as pairs of absolute numbers. */
function boundsOf(shape: Element): Bounds {
  if (shape.localName === "ellipse") {
    const [x, y] = [numberOf(shape, "cx"), numberOf(shape, "cy")];
    const [width, height] = [numberOf(shape, "rx"), numberOf(shape, "ry")];
    return [x - width, y - height, x + width, y + height];
  }
  const places = shape.getAttribute("points") ?? shape.getAttribute("d") ?? "";
  const numbers = Array.from(places.matchAll(/-?\d+(?:\.\d+)?/g), ([number]) => Number(number));
  const xs = numbers.filter((_, i) => i % 2 === 0);
  const ys = numbers.filter((_, i) => i % 2 === 1);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function numberOf(part: Element, name: string): number {
  return Number(part.getAttribute(name));
}
