import type { CellError } from "./cell.ts";
import type { CompiledCell, FaultyCell } from "./compiled-cell.ts";
import { nearestName } from "./nearest-name.ts";
import { stockNameHint } from "./stock-names.ts";

/** What the runtime gives every body by itself, unless a cell defines the name. */
const ownNames = new Set(["display", "view", "invalidation", "signal", "visibility"]);

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
  const names = new Names(cells, known);
  const placements = new Map<number, Placement>();
  for (const cell of cells) placements.set(cell.cell.id, place(cell, names));
  for (const cycle of findCycles(placements, names))
    for (const id of cycle.ids) {
      const defines = placements.get(id)?.defines ?? [];
      placements.set(id, { kind: "fault", fault: cycleFault(cycle), defines });
    }
  return placements;
}

/** All names that cells can read, and who defines them. */
class Names {
  private readonly first = new Map<string, number>();
  /** of names that more than one cell defines */
  private readonly doubled = new Map<string, number[]>();
  private folded: Map<string, string> | undefined;
  private readonly nearest = new Map<string, string | undefined>();
  private candidates: readonly string[] | undefined;

  constructor(
    cells: readonly GraphCell[],
    private readonly known: KnownNames,
  ) {
    for (const cell of cells)
      for (const name of definedNames(cell)) this.define(name, cell.cell.id);
  }

  /** The first cell that defines a name, which is whose it is. */
  definer(name: string): number | undefined {
    return this.first.get(name);
  }

  /** The cells that define a name, where there are several. */
  rivals(name: string): readonly number[] | undefined {
    return this.doubled.get(name);
  }

  isKnown(name: string): boolean {
    const { builtins } = this.known;
    return this.first.has(name) || builtins.has(name) || this.known.isGlobal(name);
  }

  /** The defined name that SQL means: it does not tell upper from lower case. */
  tableName(name: string): string | undefined {
    if (this.first.has(name)) return name;
    if (this.folded === undefined) {
      this.folded = new Map();
      for (const each of this.first.keys()) {
        const folded = each.toLowerCase();
        if (!this.folded.has(folded)) this.folded.set(folded, each);
      }
    }
    return this.folded.get(name.toLowerCase());
  }

  /**
   * What a name that is not known was likely meant to be; none of the cell's own, which it cannot
   * read. Many cells may read the same one.
   */
  likely(name: string, own: readonly string[]): string | undefined {
    const { builtins } = this.known;
    const candidates = (this.candidates ??= [
      ...this.first.keys(),
      ...builtins,
      ...this.known.globals(),
    ]);
    if (!this.nearest.has(name)) this.nearest.set(name, nearestName(name, candidates));
    const found = this.nearest.get(name);
    if (found === undefined || !own.includes(found)) return found;
    return nearestName(
      name,
      candidates.filter((candidate) => !own.includes(candidate)),
    );
  }

  private define(name: string, id: number): void {
    const first = this.first.get(name);
    if (first === undefined) return void this.first.set(name, id);
    const doubled = this.doubled.get(name);
    if (doubled === undefined) this.doubled.set(name, [first, id]);
    else doubled.push(id);
  }
}

function place(cell: GraphCell, names: Names): Placement {
  const defined = definedNames(cell);
  const defines = defined.filter((name) => names.definer(name) === cell.cell.id);
  if ("fault" in cell) return { kind: "fault", fault: cell.fault, defines };
  for (const name of defined) {
    const rivals = names.rivals(name);
    if (rivals !== undefined)
      return { kind: "fault", fault: duplicateFault(name, rivals), defines };
  }
  const read = cell.inputs.filter(
    (name) => !ownNames.has(name) || names.definer(name) !== undefined,
  );
  const undefinedName = read.find((name) => !names.isKnown(name));
  if (undefinedName !== undefined)
    return { kind: "fault", fault: undefinedFault(undefinedName, cell, names), defines };
  const tables = tableNames(cell, names);
  const given = Object.values(tables);
  const inputs = given.length === 0 ? read : [...new Set([...read, ...given])];
  return { kind: "runs", inputs, tables, defines };
}

/** SQL does not tell upper from lower case, so a name matches exactly or but for its case. */
function tableNames(cell: CompiledCell, names: Names): Readonly<Record<string, string>> {
  const tables: Record<string, string> = {};
  for (const { kind, name } of cell.references ?? []) {
    const found = kind === "table" ? names.tableName(name) : undefined;
    if (found !== undefined && !cell.outputs.includes(found)) tables[name] = found;
  }
  return tables;
}

function undefinedFault(name: string, cell: CompiledCell, names: Names): CellError {
  const nearest = names.likely(name, definedNames(cell));
  const hints = [
    nearest === undefined ? undefined : `Did you mean \`${nearest}\`?`,
    stockNameHint(name),
  ].filter((hint) => hint !== undefined);
  return {
    name: "ReferenceError",
    code: "undefined-name",
    message: `\`${name}\` is not defined`,
    ...cell.places[name],
    hint:
      hints.length > 0
        ? hints.join(" ")
        : "Define it in another cell; a cell's names are those it declares at its top level",
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

/** A cell on the way of Tarjan's algorithm. */
interface Vertex {
  readonly id: number;
  readonly reads: { readonly from: Vertex; readonly name: string }[];
  /** how many of `reads` were followed */
  followed: number;
  /** when it was found; -1 before */
  index: number;
  low: number;
  isOnPath: boolean;
}

/** The cells that depend on themselves: strongly connected components (Tarjan 1972), iteratively. */
function findCycles(placements: ReadonlyMap<number, Placement>, names: Names): readonly Cycle[] {
  const path: Vertex[] = [];
  const cycles: Cycle[] = [];
  let found = 0;
  const find = (vertex: Vertex): Vertex => {
    vertex.index = vertex.low = found++;
    vertex.isOnPath = true;
    path.push(vertex);
    return vertex;
  };
  for (const root of verticesOf(placements, names)) {
    if (root.index >= 0) continue;
    const work = [find(root)];
    for (let top = work.at(-1); top !== undefined; top = work.at(-1)) {
      const next = top.reads[top.followed++]?.from;
      if (next !== undefined) {
        if (next.index < 0) work.push(find(next));
        else if (next.isOnPath) top.low = Math.min(top.low, next.index);
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined) parent.low = Math.min(parent.low, top.low);
      if (top.low !== top.index) continue;
      const component = path.splice(path.lastIndexOf(top));
      for (const vertex of component) vertex.isOnPath = false;
      const isCycle = component.length > 1 || top.reads.some(({ from }) => from === top);
      if (isCycle) cycles.push(nameCycle(component));
    }
  }
  return cycles;
}

function verticesOf(placements: ReadonlyMap<number, Placement>, names: Names): readonly Vertex[] {
  const vertices = new Map<number, Vertex>();
  for (const id of placements.keys())
    vertices.set(id, { id, reads: [], followed: 0, index: -1, low: -1, isOnPath: false });
  for (const [id, placement] of placements) {
    if (placement.kind === "fault") continue;
    const reads = vertices.get(id)?.reads;
    for (const name of placement.inputs) {
      const from = vertices.get(names.definer(name) ?? NaN);
      if (from !== undefined) reads?.push({ from, name });
    }
  }
  return [...vertices.values()];
}

/** One way round: each name is read by the cell before and given by the cell after. */
function nameCycle(component: readonly Vertex[]): Cycle {
  const members = new Set(component);
  const names: string[] = [];
  const seen = new Set<Vertex>();
  let at = component.reduce((a, b) => (b.id < a.id ? b : a));
  while (!seen.has(at)) {
    seen.add(at);
    const read = at.reads.find(({ from }) => members.has(from));
    if (read === undefined) break;
    names.push(read.name);
    at = read.from;
  }
  return { ids: component.map(({ id }) => id), names };
}
