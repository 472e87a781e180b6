/** Where in the page one is. */
export type Route = { readonly at: "home" } | { readonly at: "workbook"; readonly path: string };

/** The route that an address names; home for whatever it does not know. */
export function routeFrom(pathname: string): Route {
  const encoded = /^\/w\/(.+)$/.exec(pathname)?.[1];
  if (encoded === undefined) return { at: "home" };
  try {
    return { at: "workbook", path: encoded.split("/").map(decodeURIComponent).join("/") };
  } catch {
    return { at: "home" };
  }
}

/** The address of a route. */
export function addressOf(route: Route): string {
  if (route.at === "home") return "/";
  return `/w/${route.path.split("/").map(encodeURIComponent).join("/")}`;
}
