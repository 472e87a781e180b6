import { siteMetaName } from "../../cells/share/site.ts";

/** Where in the page one is. */
export type Route =
  { readonly at: "home" } | { readonly at: "workbook"; readonly path: string } | SharedRoute;

/** A place that opens without a token: what somebody else made, and what this browser keeps of it. */
export type SharedRoute =
  /** what was published under a digest, or what an address has in a digest's place */
  | { readonly at: "publication"; readonly digest: string }
  /** a link that holds a whole workbook; its fragment, with the `#` */
  | { readonly at: "link"; readonly fragment: string }
  /** a copy that lives in this browser */
  | { readonly at: "copy"; readonly id: string }
  /** the start page of a static site */
  | { readonly at: "site" }
  /** a workbook of a static site, by its path there */
  | { readonly at: "site-workbook"; readonly path: string };

/** Whether a place opens without a token. */
export function isShared(route: Route): route is SharedRoute {
  return route.at !== "home" && route.at !== "workbook";
}

/**
 * The route that an address names; home, or a site's start page, for whatever it does not know.
 *
 * @param address path and fragment
 * @param isSite whether the page is a static site's, which has no server
 */
export function routeFrom(address: string, isSite = false): Route {
  const [pathname = "", ...rest] = address.split("#");
  const fragment = `#${rest.join("#")}`;
  if (fragment.startsWith("#w=")) return { at: "link", fragment };
  const copy = decoded(/^#copy=(.+)$/.exec(fragment)?.[1]);
  if (copy !== undefined) return { at: "copy", id: copy };
  if (isSite) {
    const path = decoded(/^#open=(.+)$/.exec(fragment)?.[1]);
    return path === undefined ? { at: "site" } : { at: "site-workbook", path };
  }
  const digest = decoded(/^\/s\/([^/]+)\/?$/.exec(pathname)?.[1]);
  if (digest !== undefined) return { at: "publication", digest };
  const path = decoded(/^\/w\/(.+)$/.exec(pathname)?.[1]);
  return path === undefined ? { at: "home" } : { at: "workbook", path };
}

/** The address of a route: on our server from the root, on a static site the fragment alone. */
export function addressOf(route: Route): string {
  switch (route.at) {
    case "home":
      return "/";
    case "workbook":
      return `/w/${encoded(route.path)}`;
    case "publication":
      return `/s/${encoded(route.digest)}`;
    case "link":
      return route.fragment;
    case "copy":
      return `#copy=${encoded(route.id)}`;
    case "site":
      return "#";
    case "site-workbook":
      return `#open=${encoded(route.path)}`;
  }
}

/** Whether this page is a static site's: then there is no server, and nothing is ever asked of one. */
export function isStaticSite(): boolean {
  return document.querySelector(`meta[name="${siteMetaName}"]`) !== null;
}

/** Where the page is now. */
export function currentRoute(): Route {
  return routeFrom(location.pathname + location.hash, isStaticSite());
}

function encoded(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text?.split("/").map(decodeURIComponent).join("/");
  } catch {
    return undefined;
  }
}
