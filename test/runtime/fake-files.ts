import { fileReaderKey, filesKey, type FileListener } from "../../runtime/fingerprint-files.ts";
import { digestKey } from "../../runtime/digest.ts";
import { sha256 } from "../../runtime/sha256.ts";
import type { WorkbookOptions } from "../../runtime/workbook-options.ts";

/** Files of a pretended workspace: their text, by path. */
export type FakeFiles = Record<string, string>;

/**
 * What a workbook needs to read these files as they are when it reads them: the builtin
 * `FileAttachment`, and SQL whose answer is the text of the file that it names.
 */
export function files(
  texts: FakeFiles,
  builtins: WorkbookOptions["builtins"] = {},
): Pick<WorkbookOptions, "builtins" | "runSql"> {
  const attachment = (read: FileListener) => (path: string) => ({
    text: () => {
      const text = texts[path] ?? "";
      read(path, sha256(text));
      return Promise.resolve(text);
    },
  });
  return {
    builtins: {
      FileAttachment: () =>
        Object.assign(
          attachment(() => undefined),
          { [fileReaderKey]: attachment },
        ),
      ...builtins,
    },
    runSql: ({ strings }) => {
      const path = /'([^']+)'/.exec(strings.join("?"))?.[1];
      const text = path === undefined ? "" : (texts[path] ?? "");
      return Promise.resolve({
        [digestKey]: sha256(`rows of ${text}`),
        [filesKey]: path === undefined ? {} : { [path]: sha256(text) },
      });
    },
  };
}
