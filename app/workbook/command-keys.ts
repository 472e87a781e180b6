/** What a key does while a cell, not its text, has the focus. */
export type Command =
  | "next"
  | "previous"
  | "first"
  | "last"
  | "edit"
  | "run"
  | "runAndAdvance"
  | "runTo"
  | "runStale"
  | "runAll"
  | "nextPolicy"
  | "insertAbove"
  | "insertBelow"
  | "moveUp"
  | "moveDown"
  | "remove"
  | "undo"
  | "redo"
  | "toggleSource"
  | "help"
  | "toJavaScript"
  | "toMarkdown"
  | "toSql";

/** A press, as far as it decides a command. */
export interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  /** Control, or Command on a Mac */
  readonly modKey: boolean;
  readonly altKey: boolean;
}

/** The keys of command mode, for the reader and for the help alike. */
export const commandHelp: readonly { readonly keys: string; readonly does: string }[] = [
  { keys: "⇧ Enter", does: "run the cell and go to the next" },
  { keys: "⌘ Enter", does: "run the cell and stay" },
  { keys: "t", does: "run to here: the cell and the stale ones that it depends on" },
  { keys: "r / ⇧R", does: "run all that is stale, or everything" },
  { keys: "w", does: "choose when the cell runs: when I say so, once or automatically" },
  { keys: "Enter", does: "edit the cell" },
  { keys: "Esc", does: "leave the text for the cell" },
  { keys: "j / ↓", does: "next cell" },
  { keys: "k / ↑", does: "previous cell" },
  { keys: "⇧J / ⇧K", does: "move the cell down or up" },
  { keys: "a / b", does: "insert a cell above or below" },
  { keys: "1 / 2 / 3", does: "make it JavaScript, Markdown or SQL" },
  { keys: "p", does: "keep the source in sight, or not" },
  { keys: "d d", does: "delete the cell" },
  { keys: "z / ⇧Z", does: "undo or redo what was done to cells" },
  { keys: "⌘ S", does: "save" },
  { keys: "?", does: "show these keys" },
];

const plain: Readonly<Record<string, Command>> = {
  j: "next",
  ArrowDown: "next",
  k: "previous",
  ArrowUp: "previous",
  Home: "first",
  End: "last",
  g: "first",
  G: "last",
  Enter: "edit",
  a: "insertAbove",
  b: "insertBelow",
  J: "moveDown",
  K: "moveUp",
  z: "undo",
  Z: "redo",
  p: "toggleSource",
  t: "runTo",
  r: "runStale",
  R: "runAll",
  w: "nextPolicy",
  "?": "help",
  "1": "toJavaScript",
  "2": "toMarkdown",
  "3": "toSql",
};

/** Reads presses as commands; `d` needs a second `d` within a second. */
export class CommandKeys {
  private lastD: number | undefined;

  /** @param now milliseconds on any clock that does not go back */
  read(press: KeyPress, now: number): Command | undefined {
    const wasD = this.lastD !== undefined && now - this.lastD < 1000;
    this.lastD = undefined;
    if (press.altKey) return undefined;
    if (press.key === "Enter" && press.shiftKey) return "runAndAdvance";
    if (press.modKey) {
      if (press.key === "Enter") return "run";
      if (press.key.toLowerCase() === "z") return press.shiftKey ? "redo" : "undo";
      return undefined;
    }
    if (press.key === "d") {
      if (wasD) return "remove";
      this.lastD = now;
      return undefined;
    }
    return plain[press.key];
  }
}
