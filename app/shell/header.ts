import { button } from "./button.ts";
import { h, nodes, type Child } from "./dom.ts";
import { icon, mark, type IconName } from "./icons.ts";
import { pageBase } from "./page-base.ts";
import type { ColorScheme, Preferences } from "./preferences.ts";

/** The bar at the top: where one is, what is saved, and the page's own settings. */
export class Header {
  readonly element: HTMLElement;
  private readonly crumbs = h("nav", { class: "crumbs", "aria-label": "Where you are" });
  private readonly middle = h("div", { class: "header-state" });
  private readonly actions = h("div", { class: "header-actions" });
  private readonly server = h("span", { class: "server", role: "status" });

  constructor(preferences: Preferences, home: () => void) {
    const brand = h(
      "a",
      { class: "brand", href: pageBase().pathname, "aria-label": "Tierbook: all workbooks" },
      mark(),
      h("span", {}, "Tierbook"),
    );
    brand.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      home();
    });
    this.element = h(
      "header",
      { class: "header" },
      brand,
      this.crumbs,
      this.middle,
      h("div", { class: "spacer" }),
      this.actions,
      schemeButton(preferences),
      this.server,
    );
    this.setServer(true);
  }

  /** The workbook's path in the workspace; none at home. */
  setPath(path: string | undefined): void {
    const parts = path?.split("/") ?? [];
    this.crumbs.replaceChildren(
      ...parts.map((part, i) =>
        i === parts.length - 1
          ? h("span", { class: "crumb", "aria-current": "page" }, part)
          : h("span", { class: "crumb folder" }, part),
      ),
    );
  }

  /** What stands beside the path, such as whether the text is saved. */
  setState(...children: readonly Child[]): void {
    this.middle.replaceChildren(...nodes(...children));
  }

  setActions(...children: readonly Child[]): void {
    this.actions.replaceChildren(...nodes(...children));
  }

  /** Whether the server answers; `undefined` where a guest looks, who needs none. */
  setServer(isReached: boolean | undefined): void {
    this.server.hidden = isReached === undefined;
    const text = isReached ? "Connected" : "No server";
    this.server.className = `server ${isReached ? "reached" : "gone"}`;
    this.server.replaceChildren(h("span", { class: "dot", "aria-hidden": "true" }), text);
  }
}

const schemes: readonly ColorScheme[] = ["system", "light", "dark"];
const schemeIcons: Readonly<Record<ColorScheme, IconName>> = {
  system: "system",
  light: "light",
  dark: "dark",
};
const schemeNames: Readonly<Record<ColorScheme, string>> = {
  system: "Colours: as the system",
  light: "Colours: light",
  dark: "Colours: dark",
};

function schemeButton(preferences: Preferences): HTMLButtonElement {
  const change = (): void => {
    const next = schemes[(schemes.indexOf(preferences.colorScheme) + 1) % schemes.length];
    preferences.colorScheme = next ?? "system";
  };
  const made = button(undefined, { kind: "plain", icon: "system", name: "Colours" }, change);
  const draw = (): void => {
    const scheme = preferences.colorScheme;
    made.setAttribute("aria-label", schemeNames[scheme]);
    made.title = schemeNames[scheme];
    made.replaceChildren(icon(schemeIcons[scheme]));
  };
  preferences.changes.listen(draw);
  draw();
  return made;
}
