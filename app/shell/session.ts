/** Where the shell keeps things between visits; the sandboxed frame cannot reach it. */
export type KeyValueStore = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const tokenKey = "tierbook.token";

/**
 * The server's token: from the address's fragment (`#token=…`), which it then leaves, else from the
 * last visit; `undefined` where neither has one.
 */
export function takeToken(
  address: Pick<Location, "hash" | "pathname" | "search">,
  history: Pick<History, "replaceState">,
  store: KeyValueStore,
): string | undefined {
  const token = tokenFrom(address.hash);
  if (token === undefined) return keptToken(store);
  history.replaceState(null, "", `${address.pathname}${address.search}`);
  store.setItem(tokenKey, token);
  return token;
}

/** The token of an earlier visit. */
export function keptToken(store: KeyValueStore): string | undefined {
  return store.getItem(tokenKey) ?? undefined;
}

/** Keeps a token that the server has accepted. */
export function keepToken(store: KeyValueStore, token: string): void {
  store.setItem(tokenKey, token);
}

/** Forgets a token that the server refuses. */
export function dropToken(store: KeyValueStore): void {
  store.removeItem(tokenKey);
}

/** Reads what a person pastes: the token, or the whole address that the server printed. */
export function tokenFrom(text: string): string | undefined {
  const named = /[#&]token=([^&\s]+)/.exec(text)?.[1];
  const token = named === undefined ? text.trim() : decodeURIComponent(named);
  return /^[\w-]{16,256}$/.test(token) ? token : undefined;
}
