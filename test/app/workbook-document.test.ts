import { expect, test, vi } from "vitest";
import { ApiError } from "../../app/shell/api.ts";
import { DraftStore } from "../../app/shell/draft-store.ts";
import { WorkbookDocument } from "../../app/shell/workbook-document.ts";
import { sha256 } from "../../runtime/sha256.ts";
import { MemoryStore } from "./memory-store.ts";

const path = "penguins.html";

/** A disk with one file that is written as the server writes it. */
function disk(text: string) {
  const file = {
    text,
    readFile: async () => ({ text: file.text, digest: sha256(file.text) }),
    writeFile: async (_path: string, written: string, expected: string | null) => {
      if (expected !== sha256(file.text)) throw new ApiError("changed", "conflict", 412);
      file.text = written;
      return { digest: sha256(written) };
    },
  };
  return file;
}

test("edits survive a crash and come back, and the disk's version stays reachable", async () => {
  const file = disk("one");
  const store = new MemoryStore();
  const drafts = new DraftStore(store, "/workspace");
  const first = WorkbookDocument.of(path, await file.readFile(), file, drafts);
  first.edit("one, edited");
  await vi.waitFor(() => expect(store.size).toBe(1));

  const second = WorkbookDocument.of(path, await file.readFile(), file, drafts);
  expect(second.text).toBe("one, edited");
  expect(second.isUnsaved).toBe(true);
  expect(second.restored?.text).toBe("one, edited");
  second.take(await second.onDisk());
  expect([second.text, second.isUnsaved, store.size]).toEqual(["one", false, 0]);
});

test("saving clears the draft and goes on from what it wrote", async () => {
  const file = disk("one");
  const store = new MemoryStore();
  const document = WorkbookDocument.of(
    path,
    await file.readFile(),
    file,
    new DraftStore(store, "/workspace"),
  );
  document.edit("two");
  document.keepDraft();
  expect(store.size).toBe(1);
  await document.save("two");
  expect([file.text, document.isUnsaved, store.size]).toEqual(["two", false, 0]);
  await document.save("three");
  expect(file.text).toBe("three");
});

test("somebody else's change is never written over unseen, also by edits that were restored", async () => {
  const file = disk("one");
  const drafts = new DraftStore(new MemoryStore(), "/workspace");
  const first = WorkbookDocument.of(path, await file.readFile(), file, drafts);
  first.edit("mine");
  first.keepDraft();
  file.text = "theirs";
  await expect(first.save("mine")).rejects.toMatchObject({ code: "conflict" });
  const second = WorkbookDocument.of(path, await file.readFile(), file, drafts);
  await expect(second.save("mine")).rejects.toMatchObject({ code: "conflict" });
  expect(file.text).toBe("theirs");

  const seen = await second.onDisk();
  file.text = "theirs, again";
  await expect(second.replace(seen, "mine")).rejects.toMatchObject({ code: "conflict" });
  await second.replace(await second.onDisk(), "mine");
  expect(file.text).toBe("mine");
});

test("what is typed while a save is under way stays unsaved", async () => {
  const file = disk("one");
  const document = WorkbookDocument.of(
    path,
    await file.readFile(),
    file,
    new DraftStore(new MemoryStore(), "/workspace"),
  );
  const saving = document.save("two");
  document.edit("two and more");
  await saving;
  expect([file.text, document.text, document.isUnsaved]).toEqual(["two", "two and more", true]);
});

test("a full storage is said, not hidden, and costs no text", async () => {
  const store = new MemoryStore(10);
  const file = disk("one");
  const document = WorkbookDocument.of(
    path,
    await file.readFile(),
    file,
    new DraftStore(store, "/workspace"),
  );
  document.edit("a text that is longer than the storage has room for");
  document.keepDraft();
  expect(document.isDraftKept).toBe(false);
  expect(document.text).toBe("a text that is longer than the storage has room for");
});

test("a broken draft is no draft", async () => {
  const store = new MemoryStore();
  store.setItem(`tierbook.draft:/workspace:${path}`, "{");
  const file = disk("one");
  const document = WorkbookDocument.of(
    path,
    await file.readFile(),
    file,
    new DraftStore(store, "/workspace"),
  );
  expect([document.text, document.restored]).toEqual(["one", undefined]);
});
