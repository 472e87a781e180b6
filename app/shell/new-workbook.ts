import { titleFromPath } from "../../cells/path-name.ts";
import { createNotebook, serializeNotebook } from "../../runtime/notebook.ts";
import { insertCell, type NewCell } from "../../runtime/notebook-edits.ts";
import type { Api } from "./api.ts";
import { ApiError } from "./api.ts";
import { ask } from "./dialog.ts";
import { h } from "./dom.ts";

/** Asks for a name and makes an empty workbook of it; gives its path, or `undefined` for no. */
export async function makeWorkbook(api: Pick<Api, "writeFile">): Promise<string | undefined> {
  const field = h("input", {
    id: "new-workbook",
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "flowers.html",
    autofocus: true,
  });
  const answer = ask(
    "New workbook",
    [
      h("label", { class: "field-label", for: "new-workbook" }, "File name in the workspace"),
      h("div", { class: "field" }, field),
    ],
    [
      { label: "Not now", value: undefined },
      {
        label: "Make it",
        kind: "primary",
        value: true,
        press: async () => {
          const path = pathFromName(field.value);
          try {
            await api.writeFile(path, emptyWorkbook(path), null);
          } catch (error) {
            if (error instanceof ApiError && error.code === "conflict")
              throw new Error(`There is a file ${path} already; choose another name`, {
                cause: error,
              });
            throw error;
          }
        },
      },
    ],
  );
  field.focus();
  return (await answer) === true ? pathFromName(field.value) : undefined;
}

/**
 * The path of a new workbook from what a person types.
 *
 * @throws {RangeError} for no name, and for one that leaves the workspace
 */
export function pathFromName(name: string): string {
  const path = name.trim().replace(/^\/+/, "");
  if (path === "") throw new RangeError("A workbook needs a name");
  if (path.split("/").some((part) => part === "" || part.startsWith(".")))
    throw new RangeError(`${path} is not a path in the workspace`);
  return /\.html$/i.test(path) ? path : `${path}.html`;
}

function emptyWorkbook(path: string): string {
  const title = titleFromPath(path);
  const heading: NewCell = { mode: "md", source: `# ${title}` };
  return serializeNotebook(insertCell(createNotebook(title), 0, heading));
}
