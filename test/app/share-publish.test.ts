// @vitest-environment jsdom
import { expect, test, vi } from "vitest";
import { ApiError } from "../../app/shell/api.ts";
import { Preferences } from "../../app/shell/preferences.ts";
import { PublishSection, type Publishing } from "../../app/shell/share-publish.ts";
import type { PreparedPublication, PublicationRequest } from "../../cells/share/publishing.ts";
import type { SharedWorkbook } from "../../cells/share/shared-workbook.ts";
import { MemoryStore } from "./memory-store.ts";

const digest = "a".repeat(64);
const shared: SharedWorkbook = {
  report: { text: "<notebook>", cells: [], receipts: [], runs: [] },
  results: [digest],
};
const clean: PreparedPublication = {
  digest,
  bytes: 214_000,
  files: [{ path: "data/a.csv", size: 13_487, isIncluded: false }],
  found: [],
  foundMore: 0,
  unsearched: [],
};

/** A section on a server that answers as the test says, and what it was asked. */
function opened(
  prepare: (request: PublicationRequest) => Promise<PreparedPublication>,
  rest: Partial<Publishing> = {},
) {
  const asked: PublicationRequest[] = [];
  const published: string[] = [];
  const preferences = new Preferences(new MemoryStore());
  const { element } = new PublishSection({
    path: "late.html",
    preferences,
    api: {
      files: async () => [],
      preparePublication: (request) => {
        asked.push(request);
        return prepare(request);
      },
      publish: async (name) => {
        published.push(name);
        return {
          digest,
          title: "",
          path: "",
          workbook: digest,
          by: null,
          at: "",
          bytes: 0,
          withData: false,
        };
      },
    },
    shown: async () => shared,
    files: () => [{ path: "data/a.csv", digest, asked: ["table"] }],
    published: () => undefined,
    ...rest,
  });
  // changes are heard of what is in the page
  document.body.replaceChildren(element);
  const find = (label: string): HTMLButtonElement | undefined =>
    [...element.querySelectorAll("button")].find(({ textContent }) => textContent === label);
  const press = async (label: string): Promise<void> => {
    await vi.waitFor(() => expect(find(label)?.disabled).toBe(false));
    find(label)?.click();
  };
  const input = (type: string): HTMLInputElement =>
    element.querySelector<HTMLInputElement>(`input[type=${type}]`) ?? expect.fail();
  return { element, asked, published, preferences, find, press, input };
}

test("what would leave is shown first, and one more press makes it public", async () => {
  const news = vi.fn();
  const { element, asked, published, press } = opened(async () => clean, { published: news });
  await press("Prepare");
  await vi.waitFor(() => expect(element.textContent).toContain("This would leave: 214 kB"));
  expect(asked).toEqual([
    {
      path: "late.html",
      shown: shared,
      files: [{ path: "data/a.csv", digest, asked: ["table"] }],
      by: null,
      withData: false,
    },
  ]);
  expect(element.textContent).toContain("data/a.csvstays here");
  expect(published).toEqual([]);
  await press("Publish");
  await vi.waitFor(() => expect(news).toHaveBeenCalledOnce());
  expect(published).toEqual([digest]);
  expect(element.querySelector<HTMLInputElement>("[aria-label='Published link']")?.value).toBe(
    `${location.origin}/s/${digest}`,
  );
});

test("a double click on Prepare makes nothing public", async () => {
  const { find, press } = opened(async () => clean);
  await press("Prepare");
  await vi.waitFor(() => expect(find("Publish")).toBeDefined());
  expect(find("Publish")?.disabled).toBe(true);
});

test("data goes only where the person says so, and the name is kept for the next time", async () => {
  const { asked, preferences, press, input } = opened(async () => clean);
  expect(input("checkbox").checked).toBe(false);
  input("checkbox").click();
  input("text").value = "  Jane Roe ";
  await press("Prepare");
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  expect(asked[0]).toMatchObject({ by: "Jane Roe", withData: true });
  expect(preferences.publicName).toBe("Jane Roe");
});

test("secrets make it a danger to be agreed to, with where they stand", async () => {
  const { element, find, press } = opened(async () => ({
    ...clean,
    found: [
      { kind: "e-mail address", excerpt: "ja…@university.edu", where: "workbook" },
      { kind: "e-mail address", excerpt: "ja…@university.edu", where: "data/a.csv" },
    ],
    foundMore: 3,
  }));
  await press("Prepare");
  await vi.waitFor(() => expect(find("Publish anyway")).toBeDefined());
  expect(find("Publish")).toBeUndefined();
  expect(element.textContent).toContain("1 e-mail address. Whoever has the link can read them.");
  expect(element.textContent).toContain("ja…@university.edu in the source, data/a.csv");
  expect(element.textContent).toContain("And 3 more places");
});

test("what could not be searched is said, and to be agreed to", async () => {
  const unsearched = ["data/b.parquet was not searched: it is larger than 1 GB."];
  const { element, find, press } = opened(async () => ({ ...clean, unsearched }));
  await press("Prepare");
  await vi.waitFor(() => expect(find("Publish anyway")).toBeDefined());
  expect(find("Publish")).toBeUndefined();
  expect(element.textContent).toContain("data/b.parquet was not searched");
});

test("what was prepared goes when the person asks for something else", async () => {
  const { element, press, input, find } = opened(async () => clean);
  await press("Prepare");
  await vi.waitFor(() => expect(find("Publish")).toBeDefined());
  input("checkbox").click();
  expect(find("Publish")).toBeUndefined();
  expect(element.textContent).not.toContain("This would leave");
});

test("a late answer to an earlier question is dropped", async () => {
  const answers: ((prepared: PreparedPublication) => void)[] = [];
  const { element, press, input } = opened(() => new Promise((resolve) => answers.push(resolve)));
  await press("Prepare");
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  input("checkbox").click();
  await press("Prepare");
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]?.({ ...clean, bytes: 999_000 });
  await vi.waitFor(() => expect(element.textContent).toContain("999 kB"));
  answers[0]?.(clean);
  await new Promise(setImmediate);
  expect(element.textContent).toContain("999 kB");
});

test("what the server refuses is said, and asking again is possible", async () => {
  const { element, find, press } = opened(async () => {
    throw new ApiError("it has 2.1 GB", "too-large", 413, "publish it without data");
  });
  await press("Prepare");
  await vi.waitFor(() => expect(element.querySelector("[role=alert]")).not.toBeNull());
  expect(element.textContent).toContain("it has 2.1 GB");
  expect(element.textContent).toContain("publish it without data");
  expect(find("Prepare")?.disabled).toBe(false);
});

test("where publishing fails, what was prepared stays to be tried again", async () => {
  let tries = 0;
  const section = opened(async () => clean, {
    api: {
      files: async () => [],
      preparePublication: async () => clean,
      publish: () => {
        tries += 1;
        throw new ApiError("Tierbook's server does not answer", "server-gone", 0);
      },
    },
  });
  const { element, press, find } = section;
  await press("Prepare");
  await press("Publish");
  await vi.waitFor(() => expect(element.textContent).toContain("server does not answer"));
  expect(find("Publish")?.disabled).toBe(false);
  find("Publish")?.click();
  await vi.waitFor(() => expect(tries).toBe(2));
  expect(element.querySelectorAll("[role=alert]")).toHaveLength(1);
});

test("a workbook that does not answer is said, and nothing is sent", async () => {
  const { element, asked, press } = opened(async () => clean, {
    shown: () => Promise.reject(new Error("The workbook does not answer")),
  });
  await press("Prepare");
  await vi.waitFor(() => expect(element.textContent).toContain("The workbook does not answer"));
  expect(asked).toEqual([]);
});
