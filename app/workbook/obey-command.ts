import type { CellMode } from "../../runtime/cell.ts";
import { nextPolicy, policyOf, policyTexts } from "./cell-policy.ts";
import type { CellCommands } from "./cell-toolbar.ts";
import type { Command } from "./command-keys.ts";
import { showKeysHelp } from "./keys-help.ts";
import { toast } from "./toast.ts";

/** What commands act on. */
export interface CommandTarget {
  order(): readonly number[];
  selected(): number | undefined;
  select(id: number): void;
  edit(id: number): void;
  insert(before: number | undefined, mode: CellMode): void;
  runAndAdvance(id: number): void;
  readonly host: Pick<
    CellCommands,
    "run" | "runTo" | "move" | "setMode" | "setPinned" | "setPolicy" | "remove" | "cellOf"
  > & {
    runStale(): void;
    runAll(): void;
    undo(): void;
    redo(): void;
  };
}

/** Does what a key asks; whether there was anything to do. */
export function obeyCommand(command: Command, target: CommandTarget): boolean {
  const selected = target.selected();
  if (command === "help") showKeysHelp();
  else if (command === "undo") target.host.undo();
  else if (command === "redo") target.host.redo();
  else if (command === "runStale") target.host.runStale();
  else if (command === "runAll") target.host.runAll();
  else if (selected === undefined) return enter(command, target);
  else obeyFor(selected, command, target);
  return true;
}

/** Nothing is selected yet: the first step selects an end. */
function enter(command: Command, target: CommandTarget): boolean {
  const order = target.order();
  const end = command === "previous" || command === "last" ? order.at(-1) : order[0];
  const isStep = ["next", "previous", "first", "last"].includes(command);
  if (!isStep || end === undefined) return false;
  target.select(end);
  return true;
}

function obeyFor(id: number, command: Command, target: CommandTarget): void {
  const { host } = target;
  const order = target.order();
  const at = order.indexOf(id);
  const move = (step: number): void => {
    host.move(id, step);
    target.select(id);
  };
  const remove = (): void => {
    const next = order[at + 1] ?? order[at - 1];
    host.remove(id);
    if (next !== undefined) target.select(next);
  };
  const choosePolicy = (): void => {
    const policy = nextPolicy(policyOf(host.cellOf(id)));
    host.setPolicy(id, policy);
    toast(policyTexts[policy]);
  };
  const actions: Partial<Record<Command, () => void>> = {
    next: () => target.select(order[at + 1] ?? id),
    previous: () => target.select(order[at - 1] ?? id),
    first: () => target.select(order[0] ?? id),
    last: () => target.select(order.at(-1) ?? id),
    edit: () => target.edit(id),
    run: () => host.run(id),
    runAndAdvance: () => target.runAndAdvance(id),
    runTo: () => host.runTo(id),
    nextPolicy: choosePolicy,
    insertAbove: () => target.insert(id, "js"),
    insertBelow: () => target.insert(order[at + 1], "js"),
    moveUp: () => move(-1),
    moveDown: () => move(1),
    toggleSource: () => host.setPinned(id, !(host.cellOf(id)?.pinned ?? false)),
    toJavaScript: () => host.setMode(id, "js"),
    toMarkdown: () => host.setMode(id, "md"),
    toSql: () => host.setMode(id, "sql"),
    remove,
  };
  actions[command]?.();
}
