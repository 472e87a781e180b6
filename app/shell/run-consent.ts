import { ask } from "./dialog.ts";
import { h } from "./dom.ts";
import type { Preview } from "./preview.ts";

/** Asks whether a stranger's workbook may run in this page, and says what that means. */
export async function asksToRun({ title, by, saved }: Preview): Promise<boolean> {
  const whose =
    by === null
      ? "It is the code of somebody who is not named."
      : `It is the code of somebody who calls themself ${by}. Nobody has checked that name.`;
  const answer = await ask<boolean>(
    `Run ${title}?`,
    [
      h("p", { class: "lead" }, whose),
      h("h3", {}, "What it can do"),
      h(
        "ul",
        { class: "points" },
        h("li", {}, "Use this computer’s processor while its page is open; you can stop it."),
        h("li", {}, "Train small runs on this computer’s processor or GPU, once you start them."),
        h("li", {}, "Read the files that came with it."),
      ),
      h("h3", {}, "What it cannot do"),
      h(
        "ul",
        { class: "points" },
        h("li", {}, "Reach the network, or send anything anywhere."),
        h("li", {}, "See your files, other workbooks, tokens, cookies or storage."),
        h("li", {}, "Change this page, save, or publish."),
      ),
      h(
        "p",
        { class: "hint" },
        saved === undefined
          ? "All of its cells run. Your edits stay in this browser."
          : "Results that were published and still fit come back without running. Your edits stay in this browser.",
      ),
    ],
    [
      { label: "Not now", value: false },
      { label: "Run", kind: "primary", value: true },
    ],
  );
  return answer === true;
}
