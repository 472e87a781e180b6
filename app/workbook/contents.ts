import { element } from "./element.ts";

/** The headings of a workbook beside it, each a way to its place. */
export class Contents {
  readonly root = element("nav", { class: "contents", attributes: { "aria-label": "Contents" } });
  private frame: number | undefined;
  private drawn = "";
  private order: readonly number[] = [];

  constructor(private readonly reveal: (id: number) => void) {}

  /** Reads the headings again, with the next frame. */
  refresh(order: readonly number[], list: HTMLElement): void {
    this.order = order;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.draw(list);
    });
  }

  private draw(list: HTMLElement): void {
    const headings = Array.from(
      list.querySelectorAll<HTMLElement>('.cell[data-mode="md"] :is(h1, h2, h3)'),
      (node) => ({
        text: node.textContent.trim(),
        level: node.tagName.slice(1),
        id: Number(node.closest<HTMLElement>(".cell")?.dataset["id"]),
      }),
    ).filter((heading) => this.order.includes(heading.id) && heading.text !== "");
    const key = JSON.stringify(headings);
    if (key === this.drawn) return;
    this.drawn = key;
    this.root.hidden = headings.length < 2;
    this.root.replaceChildren(
      ...headings.map(({ text, level, id }) =>
        element("a", {
          class: `level-${level}`,
          text,
          attributes: { href: `#cell-${id}`, title: text },
          on: {
            click: (event) => {
              event.preventDefault();
              this.reveal(id);
            },
          },
        }),
      ),
    );
  }
}
