import { element } from "./element.ts";

/** One line of a menu. */
export interface MenuItem {
  readonly label: string;
  /** the keys that do the same, such as `dd` */
  readonly keys?: string;
  /** what is chosen among the lines of its group */
  readonly checked?: boolean;
  /** begins a group of this name, which goes on to the next line that is apart */
  readonly group?: string;
  /** what choosing it means, for its tooltip */
  readonly title?: string;
  /** whether a rule stands above it */
  readonly apart?: boolean;
  readonly danger?: boolean;
  choose(): void;
}

let closeOpenMenu: (() => void) | undefined;

/**
 * Opens a menu under an element and focuses its first item; arrows move, Enter chooses, Escape or
 * a press elsewhere closes it and gives the focus back. Only one menu is open at a time.
 */
export function openMenu(anchor: HTMLElement, label: string, items: readonly MenuItem[]): void {
  closeOpenMenu?.();
  const menu = element("div", {
    class: "menu",
    attributes: { role: "menu", "aria-label": label, popover: "manual" },
    on: { keydown: (event) => moveInMenu(menu, event, close) },
  });
  const outside = (event: Event): void => {
    if (event.target instanceof Node && !menu.contains(event.target)) close();
  };
  const close = (): void => {
    closeOpenMenu = undefined;
    window.removeEventListener("pointerdown", outside, true);
    window.removeEventListener("scroll", outside, true);
    anchor.removeAttribute("aria-expanded");
    const hadFocus = menu.contains(document.activeElement);
    menu.remove();
    if (hadFocus) anchor.focus({ preventScroll: true });
  };
  let parent = menu;
  for (const item of items) {
    if (item.group !== undefined) menu.append((parent = menuGroup(item.group)));
    else if (item.apart === true) parent = menu;
    parent.append(menuLine(item, close));
  }
  document.body.append(menu);
  menu.showPopover();
  place(menu, anchor.getBoundingClientRect());
  anchor.setAttribute("aria-expanded", "true");
  window.addEventListener("pointerdown", outside, true);
  window.addEventListener("scroll", outside, true);
  closeOpenMenu = close;
  menu.querySelector<HTMLElement>("[role^=menuitem]")?.focus({ preventScroll: true });
}

function menuGroup(name: string): HTMLDivElement {
  return element(
    "div",
    { class: "menu-group", attributes: { role: "group", "aria-label": name } },
    element("div", { class: "menu-heading", text: name, attributes: { "aria-hidden": "true" } }),
  );
}

function menuLine(item: MenuItem, close: () => void): HTMLElement {
  const line = element(
    "button",
    {
      class: `menu-item${item.apart === true ? " apart" : ""}${item.danger === true ? " danger" : ""}`,
      attributes: {
        type: "button",
        role: item.checked === undefined ? "menuitem" : "menuitemradio",
        ...(item.checked === undefined ? {} : { "aria-checked": String(item.checked) }),
        ...(item.title === undefined ? {} : { title: item.title }),
      },
      on: {
        click: () => {
          close();
          item.choose();
        },
      },
    },
    element("span", { text: item.label }),
  );
  if (item.keys !== undefined) line.append(element("kbd", { text: item.keys }));
  return line;
}

function moveInMenu(menu: HTMLElement, event: KeyboardEvent, close: () => void): void {
  event.stopPropagation();
  const items = Array.from(menu.querySelectorAll<HTMLElement>("[role^=menuitem]"));
  const at = items.findIndex((item) => item === document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step !== undefined) items[(at + step + items.length) % items.length]?.focus();
  else if (event.key === "Home") items[0]?.focus();
  else if (event.key === "End") items.at(-1)?.focus();
  else if (event.key === "Escape" || event.key === "Tab") close();
  else return;
  event.preventDefault();
}

function place(menu: HTMLElement, anchor: DOMRect): void {
  const { width, height } = menu.getBoundingClientRect();
  const below = anchor.bottom + 4 + height <= window.innerHeight;
  const top = below ? anchor.bottom + 4 : Math.max(4, anchor.top - height - 4);
  const left = Math.min(Math.max(4, anchor.left), window.innerWidth - width - 8);
  menu.style.top = `${top}px`;
  menu.style.left = `${left}px`;
}
