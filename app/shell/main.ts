import { Api, ApiError } from "./api.ts";
import { Banners } from "./banners.ts";
import { applyColors } from "./colors.ts";
import { Page } from "./page.ts";
import { Preferences } from "./preferences.ts";
import { routeFrom } from "./routes.ts";
import { dropToken, keepToken, takeToken } from "./session.ts";
import { tokenPage } from "./token-page.ts";

void start();

async function start(): Promise<void> {
  applyColors(new Preferences(localStorage));
  const token = takeToken(location, history, localStorage);
  if (token === undefined) return showTokenPage(false);
  try {
    await enter(new Api(token));
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
      await enter(new Api(token));
      keepToken(localStorage, token);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return false;
      throw error;
    }
  });
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

async function enter(api: Api): Promise<void> {
  const session = await api.session();
  new Page(api, session).show(routeFrom(location.pathname));
}
