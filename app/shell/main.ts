import { Api, ApiError } from "./api.ts";
import { Banners } from "./banners.ts";
import { applyColors } from "./colors.ts";
import { copiesList } from "./copies-list.ts";
import { h } from "./dom.ts";
import { framedPage, isFramed } from "./framed-page.ts";
import { BrowserCopies } from "./guest/browser-copies.ts";
import { GuestPage } from "./guest-page.ts";
import { pageBase } from "./page-base.ts";
import { Page } from "./page.ts";
import { Preferences } from "./preferences.ts";
import { knownServer } from "./own-server.ts";
import { currentRoute, isShared, isStaticSite, type Route } from "./routes.ts";
import { dropToken, keepToken, takeToken } from "./session.ts";
import { tokenPage } from "./token-page.ts";

void start();

async function start(): Promise<void> {
  if (isStaticSite() && isFramed()) return document.body.replaceChildren(framedPage());
  applyColors(new Preferences(localStorage));
  const route = currentRoute();
  // here a token in the address would be a stranger's, so none is read
  if (isShared(route)) return new GuestPage(await knownServer()).show(route);
  const token = takeToken(location, history, localStorage);
  if (token === undefined) return showTokenPage(false);
  try {
    await enter(new Api(token), route);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      dropToken(localStorage);
      return showTokenPage(true);
    }
    if (!(error instanceof ApiError)) throw error;
    showUnreachable(error);
  }
}

function showTokenPage(isRefused: boolean): void {
  document.title = "Tierbook";
  const page = tokenPage(isRefused, async (token) => {
    try {
      await enter(new Api(token), currentRoute());
      keepToken(localStorage, token);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return false;
      throw error;
    }
  });
  const copies = copiesList(new BrowserCopies(localStorage, pageBase().pathname));
  if (copies !== undefined) page.append(h("div", { class: "home-rest" }, copies));
  document.body.replaceChildren(page);
  page.querySelector("input")?.focus();
  // The printed address, pasted over this one, changes nothing but the fragment.
  window.addEventListener("hashchange", () => location.reload(), { once: true });
}

/** The page has no server to start from: it says so and tries again. */
function showUnreachable({ message }: ApiError): void {
  const banners = new Banners();
  banners.show("server", {
    tone: "fail",
    text: `${message}. Start it in the workspace, then try again.`,
    actions: [{ label: "Try again", press: () => location.reload() }],
  });
  document.body.replaceChildren(banners.element);
}

async function enter(api: Api, route: Route): Promise<void> {
  const session = await api.session();
  new Page(api, session).show(isShared(route) ? { at: "home" } : route);
}
