import type { CellStatus } from "../../runtime/cell.ts";
import { explanationOf, type Explanation } from "../../runtime/fingerprint-explanation.ts";
import { isNews } from "./status-text.ts";

/** What one must know of the cells to say why one of them waits. */
export interface WaitingContext {
  statusOf(id: number): CellStatus | undefined;
  /** the cell that defines a name, if one does */
  definerOf(name: string): number | undefined;
  /** why a cell ran again or is stale */
  explain(id: number): Explanation | undefined;
}

/** A cell that another one waits for, by the name that it should give. */
export interface AwaitedCell {
  readonly id: number;
  readonly name: string;
}

/** Whether what a cell shows, if anything, is not what it would come to now. */
export function isWaiting(status: CellStatus | undefined): status is CellStatus {
  if (status === undefined || status.disabled) return false;
  return status.state === "stale" || (status.state === "idle" && status.waitsFor !== undefined);
}

/**
 * The cells that a waiting cell waits for, from the nearest to the one that waits for a person;
 * none where it is that one itself.
 */
export function waitingChain(
  id: number,
  { statusOf, definerOf }: Pick<WaitingContext, "statusOf" | "definerOf">,
): readonly AwaitedCell[] {
  const chain: AwaitedCell[] = [];
  const seen = new Set([id]);
  let status = statusOf(id);
  while (status !== undefined) {
    const next = nearest(status, statusOf, definerOf, seen);
    if (next === undefined) break;
    seen.add(next.id);
    chain.push(next);
    status = statusOf(next.id);
  }
  return chain;
}

/** Whether running cells ends the waiting, rather than what a card asks a person for. */
export function endsByRunning(id: number, context: WaitingContext): boolean {
  const last = waitingChain(id, context).at(-1)?.id ?? id;
  return context.statusOf(last)?.held === true;
}

/**
 * Why a cell waits or is stale, in a sentence with names between backticks, without a full stop;
 * undefined for a cell that does neither.
 */
export function waitingText(id: number, context: WaitingContext): string | undefined {
  const status = context.statusOf(id);
  if (!isWaiting(status)) return undefined;
  const chain = waitingChain(id, context);
  const why = status.state === "stale" ? context.explain(id) : undefined;
  const [first] = chain;
  if (first === undefined) return ownText(status, why);
  const end = endText(chain.at(-1) ?? first, context);
  const path = pathText(chain.map(({ name }) => `\`${name}\``));
  if (status.state === "idle") return `Waits for ${path.join(", which waits")}, which ${end}`;
  const [head = "", ...rest] = path;
  const tail = rest.map((link) => ` waits${link}, which`).join("");
  return `Stale because ${head}${tail} ${end}${others(chain, why)}`;
}

/** The first cell of a chain by name, and each further one as “waits” goes on; long chains are cut. */
function pathText(links: readonly string[]): readonly string[] {
  const [head = "", ...rest] = links;
  if (rest.length <= 3) return [head, ...rest.map((link) => ` for ${link}`)];
  const [second = "", ...further] = rest;
  const between = ` through ${further.length - 1} more cells for ${further.at(-1)}`;
  return [head, ` for ${second}`, between];
}

function nearest(
  status: CellStatus,
  statusOf: WaitingContext["statusOf"],
  definerOf: WaitingContext["definerOf"],
  seen: ReadonlySet<number>,
): AwaitedCell | undefined {
  for (const name of status.reads) {
    const id = definerOf(name);
    if (id !== undefined && !seen.has(id) && isWaiting(statusOf(id))) return { id, name };
  }
  return undefined;
}

/** A cell that waits although nothing that it reads does. */
function ownText(status: CellStatus, why: Explanation | undefined): string {
  const isHeld = status.held === true;
  if (status.state === "idle")
    return isHeld ? `Runs ${whenText(status)}` : `Waits${reasonText(status.waitsFor)}`;
  if (isHeld) return why?.text ?? `Stale: it runs ${whenText(status)}`;
  if (status.waitsFor === undefined)
    return isNews(why) ? why.text : "Stale: something that it reads has changed";
  return `${isNews(why) ? why.text : "Stale"}. Waits${reasonText(status.waitsFor)}`;
}

/** When a cell runs that is left to a person: its policy says so, or the workbook is held. */
function whenText({ waitsFor = "" }: CellStatus): string {
  const start = "it runs ";
  return waitsFor.startsWith(start) ? waitsFor.slice(start.length) : "when you say so";
}

function endText({ id }: AwaitedCell, context: WaitingContext): string {
  const status = context.statusOf(id);
  if (status?.held === true || status?.waitsFor === undefined)
    return status?.state === "stale" ? "is stale" : "has not run";
  return `waits${reasonText(status.waitsFor)}`;
}

/** What a stage waits for is a thing, such as “a person to start it”, or a sentence of its own. */
function reasonText(reason = "something else"): string {
  return /^(?:an?|the|something) /.test(reason) ? ` for ${reason}` : `: ${reason}`;
}

/** What changed besides the cells that are waited for. */
function others(chain: readonly AwaitedCell[], why: Explanation | undefined): string {
  const rest = why?.changes.filter(({ cell }) => cell === undefined || cell !== chain[0]?.id) ?? [];
  return rest.length === 0 ? "" : explanationOf("stale", rest).text.replace(/^Stale/, " and");
}
