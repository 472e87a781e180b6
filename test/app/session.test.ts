import { expect, test } from "vitest";
import { dropToken, takeToken, tokenFrom } from "../../app/shell/session.ts";
import { MemoryStore } from "./memory-store.ts";

const token = "A1b2-C3d4_E5f6g7h8";

function visit(hash: string, store: MemoryStore) {
  const addresses: (string | URL | null | undefined)[] = [];
  const found = takeToken(
    { hash, pathname: "/w/penguins.html", search: "" },
    { replaceState: (_data, _unused, url) => void addresses.push(url) },
    store,
  );
  return { found, addresses };
}

test("a token in the fragment is kept and leaves the address", () => {
  const store = new MemoryStore();
  expect(visit(`#token=${token}`, store)).toEqual({
    found: token,
    addresses: ["/w/penguins.html"],
  });
  expect(visit("", store)).toEqual({ found: token, addresses: [] });
  dropToken(store);
  expect(visit("", store).found).toBeUndefined();
});

test("a person may paste the token or the address that holds it", () => {
  expect(tokenFrom(` ${token}\n`)).toBe(token);
  expect(tokenFrom(`http://127.0.0.1:4000/#token=${token}`)).toBe(token);
  expect(tokenFrom("http://127.0.0.1:4000/")).toBeUndefined();
  expect(tokenFrom("")).toBeUndefined();
});
