import type { CellError } from "./cell.ts";
import type { CompiledCell, FaultyCell } from "./compiled-cell.ts";
import { nearestName } from "./nearest-name.ts";

/** What the runtime gives every body by itself, unless a cell defines the name. */
const ownNames = new Set(["display", "view", "invalidation", "signal"]);

/** How a cell stands among the others: what it is fed and what it may define, or why it cannot run. */
export type Placement =
  | {
      readonly kind: "runs";
      /** names whose values the body needs, in order and without doubles */
      readonly inputs: readonly string[];
      /** by the name as the cell defines it: as the SQL writes it */
      readonly tables: Readonly<Record<string, string>>;
      /** names that it defines */
      readonly defines: readonly string[];
    }
  | {
      readonly kind: "fault";
      readonly fault: CellError;
      /** names that it would define, so that their readers are blocked by this cell */
      readonly defines: readonly string[];
    };

/** Which names there are besides the cells'. */
export interface KnownNames {
  readonly builtins: ReadonlySet<string>;
  isGlobal(name: string): boolean;
  globals(): Iterable<string>;
}

/** A cell of the graph, in reading order. */
export type GraphCell = CompiledCell | FaultyCell;

/** The names that a compiled cell defines, those of `viewof` and `mutable` included. */
export function definedNames(cell: GraphCell): readonly string[] {
  if ("fault" in cell) return cell.outputs;
  const prefix =
    cell.kind === "view" ? "viewof$" : cell.kind === "mutable" ? "mutable$" : undefined;
  return prefix === undefined
    ? cell.outputs
    : cell.outputs.flatMap((name) => [`${prefix}${name}`, name]);
}

/**
 * Places cells in the graph: which read which, and which cannot run because a name is undefined,
 * defined twice, or depends on itself. A change of the cells changes the placement of those alone
 * that it concerns.
 */
export function placeCells(
  cells: readonly GraphCell[],
  known: KnownNames,
): ReadonlyMap<number, Placement> {
  const definers = new Map<string, number[]>();
  for (const cell of cells)
    for (const name of definedNames(cell))
      definers.set(name, [...(definers.get(name) ?? []), cell.cell.id]);
  const placements = new Map<number, Placement>();
  for (const cell of cells) placements.set(cell.cell.id, place(cell, definers, known));
  for (const cycle of findCycles(placements, definers))
    for (const id of cycle.ids) {
      const defines = placements.get(id)?.defines ?? [];
      placements.set(id, { kind: "fault", fault: cycleFault(cycle), defines });
    }
  return placements;
}

function place(
  cell: GraphCell,
  definers: ReadonlyMap<string, readonly number[]>,
  known: KnownNames,
): Placement {
  const names = definedNames(cell);
  const owned = names.filter((name) => definers.get(name)?.[0] === cell.cell.id);
  if ("fault" in cell) return { kind: "fault", fault: cell.fault, defines: owned };
  const doubled = names.find((name) => (definers.get(name)?.length ?? 0) > 1);
  if (doubled !== undefined)
    return {
      kind: "fault",
      fault: duplicateFault(doubled, definers.get(doubled) ?? []),
      defines: owned,
    };
  const read = cell.inputs.filter((name) => !ownNames.has(name) || definers.has(name));
  const undefinedName = read.find(
    (name) => !definers.has(name) && !known.builtins.has(name) && !known.isGlobal(name),
  );
  if (undefinedName !== undefined)
    return {
      kind: "fault",
      fault: undefinedFault(undefinedName, cell, definers.keys(), known),
      defines: owned,
    };
  const tables = tableNames(cell, definers);
  return {
    kind: "runs",
    inputs: [...new Set([...read, ...Object.values(tables)])],
    tables,
    defines: owned,
  };
}

/** SQL does not tell upper from lower case, so a name matches exactly or but for its case. */
function tableNames(
  cell: CompiledCell,
  definers: ReadonlyMap<string, unknown>,
): Readonly<Record<string, string>> {
  const tables: Record<string, string> = {};
  for (const { kind, name } of cell.references ?? []) {
    if (kind !== "table") continue;
    const found = definers.has(name)
      ? name
      : [...definers.keys()].find((other) => other.toLowerCase() === name.toLowerCase());
    if (found !== undefined && !cell.outputs.includes(found)) tables[name] = found;
  }
  return tables;
}

function undefinedFault(
  name: string,
  cell: CompiledCell,
  names: Iterable<string>,
  known: KnownNames,
): CellError {
  const nearest = nearestName(name, [...names, ...known.builtins, ...known.globals()]);
  return {
    name: "ReferenceError",
    code: "undefined-name",
    message: `\`${name}\` is not defined`,
    ...cell.places[name],
    hint:
      nearest === undefined
        ? "Define it in another cell; a cell's names are those it declares at its top level"
        : `Did you mean \`${nearest}\`?`,
  };
}

function duplicateFault(name: string, ids: readonly number[]): CellError {
  return {
    name: "SyntaxError",
    code: "duplicate-name",
    message: `\`${name}\` is defined more than once: in cells ${list(ids)}`,
    hint: "Give one of them another name",
  };
}

interface Cycle {
  readonly ids: readonly number[];
  readonly names: readonly string[];
}

function cycleFault({ ids, names }: Cycle): CellError {
  return {
    name: "SyntaxError",
    code: "cycle",
    message:
      ids.length === 1
        ? `\`${names[0]}\` depends on itself`
        : `Circular definition: ${names.map((name) => `\`${name}\``).join(" → ")} → \`${names[0]}\`, in cells ${list(ids)}`,
    hint: "A cell cannot need its own value; break the circle in one of these cells",
  };
}

function list(ids: readonly number[]): string {
  const sorted = [...ids].sort((a, b) => a - b);
  return sorted.length < 2
    ? String(sorted[0])
    : `${sorted.slice(0, -1).join(", ")} and ${sorted[sorted.length - 1]}`;
}

/** The cells that depend on themselves: strongly connected components (Tarjan 1972), iteratively. */
function findCycles(
  placements: ReadonlyMap<number, Placement>,
  definers: ReadonlyMap<string, readonly number[]>,
): readonly Cycle[] {
  const edges = new Map<number, readonly (readonly [id: number, name: string])[]>();
  for (const [id, placement] of placements)
    edges.set(
      id,
      placement.kind === "fault"
        ? []
        : placement.inputs.flatMap((name) =>
            (definers.get(name) ?? []).slice(0, 1).map((by) => [by, name] as const),
          ),
    );
  const index = new Map<number, number>();
  const low = new Map<number, number>();
  const onPath = new Set<number>();
  const path: number[] = [];
  const cycles: Cycle[] = [];
  for (const root of edges.keys()) {
    if (index.has(root)) continue;
    const work: { id: number; next: number }[] = [{ id: root, next: 0 }];
    while (work.length > 0) {
      const top = work[work.length - 1] as { id: number; next: number };
      if (top.next === 0) {
        index.set(top.id, index.size);
        low.set(top.id, index.get(top.id) ?? 0);
        path.push(top.id);
        onPath.add(top.id);
      }
      const edge = edges.get(top.id)?.[top.next++];
      if (edge !== undefined) {
        const [to] = edge;
        if (!index.has(to)) work.push({ id: to, next: 0 });
        else if (onPath.has(to)) lower(low, top.id, index.get(to) ?? 0);
        continue;
      }
      work.pop();
      const parent = work[work.length - 1];
      if (parent !== undefined) lower(low, parent.id, low.get(top.id) ?? 0);
      if (low.get(top.id) !== index.get(top.id)) continue;
      const component = path.splice(path.indexOf(top.id));
      for (const id of component) onPath.delete(id);
      const isCycle =
        component.length > 1 || edges.get(top.id)?.some(([to]) => to === top.id) === true;
      if (isCycle) cycles.push(nameCycle(component, edges));
    }
  }
  return cycles;
}

function lower(low: Map<number, number>, id: number, value: number): void {
  low.set(id, Math.min(low.get(id) ?? value, value));
}

/** One way round: each name is read by the cell before and given by the cell after. */
function nameCycle(
  component: readonly number[],
  edges: ReadonlyMap<number, readonly (readonly [id: number, name: string])[]>,
): Cycle {
  const members = new Set(component);
  const names: string[] = [];
  const seen = new Set<number>();
  let at = Math.min(...component);
  while (!seen.has(at)) {
    seen.add(at);
    const edge = edges.get(at)?.find(([to]) => members.has(to));
    if (edge === undefined) break;
    names.push(edge[1]);
    at = edge[0];
  }
  return { ids: component, names };
}
