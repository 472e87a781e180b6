/** Where our scripts lie. Every chunk of the page is in this one folder. */
export function scriptFolder(): URL {
  // in two steps, or the bundler would take the address for that of an asset
  const script = import.meta.url;
  return new URL("./", script);
}

/**
 * The folder of `index.html` and `frame.html`: the root on Tierbook's server, whatever the page's
 * own address says, and any folder on the host of a static site.
 */
export function pageBase(): URL {
  return new URL("../", scriptFolder());
}
