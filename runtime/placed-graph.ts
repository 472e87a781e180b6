import { definedNames, placeCells, type GraphCell, type KnownNames } from "./cell-graph.ts";
import { CellNode, type NodeContext } from "./cell-node.ts";
import type { GivenVariables } from "./given-variables.ts";
import type { Variable } from "./variable.ts";
import type { Wave } from "./wave.ts";

/** The cells as a graph: which node defines which name, what reads what, and in which order they run. */
export class PlacedGraph {
  private readonly byId = new Map<number, CellNode>();
  private definers = new Map<string, CellNode>();

  constructor(
    private readonly known: KnownNames,
    private readonly given: GivenVariables,
    private readonly wave: Wave<CellNode>,
  ) {}

  /** All nodes. */
  nodes(): Iterable<CellNode> {
    return this.byId.values();
  }

  node(cell: number): CellNode | undefined {
    return this.byId.get(cell);
  }

  /** The node that defines a name, if a cell does. */
  definer(name: string): CellNode | undefined {
    return this.definers.get(name);
  }

  /** The variable of a name: a cell's, a builtin's or a global's. */
  variable(name: string): Variable {
    const own = this.definers.get(name)?.outputs.find((output) => output.name === name);
    return own ?? this.given.variable(name);
  }

  /** The nodes that a node depends on, near or far. */
  above(node: CellNode): Iterable<CellNode> {
    const found = new Set([node]);
    // the set grows while it is walked
    for (const { reads } of found)
      for (const name of reads) {
        const upstream = this.definers.get(name);
        if (upstream !== undefined) found.add(upstream);
      }
    found.delete(node);
    return found;
  }

  /** Takes a compiled cell in; gives whether {@link place} must follow. */
  put(compiled: GraphCell, context: NodeContext): boolean {
    const { cell } = compiled;
    const node = this.byId.get(cell.id);
    if (node !== undefined) return node.recompile(cell, compiled);
    this.byId.set(cell.id, new CellNode(cell, compiled, context));
    return true;
  }

  /** Takes a cell out; gives whether it was there. */
  remove(cell: number): boolean {
    this.byId.get(cell)?.remove();
    return this.byId.delete(cell);
  }

  /** Takes all cells out. */
  clear(): void {
    for (const node of this.byId.values()) node.remove();
    this.byId.clear();
  }

  /**
   * Puts every cell where it belongs now.
   *
   * @param isPartial whether there are cells of which nobody knows yet what they define: what reads a
   *   name that is missing waits for them
   */
  place(isPartial: boolean): void {
    const nodes = [...this.byId.values()];
    const placements = placeCells(
      nodes.map((node) => node.compiled),
      this.known,
    );
    this.definers = new Map();
    for (const node of nodes)
      for (const name of definedNames(node.compiled))
        if (!this.definers.has(name)) this.definers.set(name, node);
    for (const node of nodes) node.define(placements.get(node.cell.id)?.defines ?? []);
    for (const node of nodes) {
      const placement = placements.get(node.cell.id);
      if (placement === undefined) continue;
      const names = placement.kind === "runs" ? placement.inputs : [];
      const isMissing = placement.kind === "fault" && placement.fault.code === "undefined-name";
      node.awaitNames(isPartial && isMissing);
      node.place(
        placement,
        names.map((name) => this.variable(name)),
      );
    }
    this.connect(nodes);
    this.wave.arrange(inOrder(nodes, (name) => this.definers.get(name)));
  }

  /** Tells each variable what reads it now. */
  private connect(nodes: readonly CellNode[]): void {
    for (const node of nodes) for (const variable of node.outputs) variable.readers = [];
    for (const variable of this.given.all()) variable.readers = [];
    for (const node of nodes) for (const input of node.inputs) input.readers.push(node);
    this.given.releaseUnread();
  }
}

/** Each node after all that it reads, and otherwise as they came; there are no circles any more. */
function inOrder(
  nodes: readonly CellNode[],
  definer: (name: string) => CellNode | undefined,
): readonly CellNode[] {
  const order: CellNode[] = [];
  const seen = new Set<CellNode>();
  for (const start of nodes) {
    if (seen.has(start)) continue;
    seen.add(start);
    const path = [{ node: start, next: 0 }];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const name = top.node.inputs[top.next++]?.name;
      if (name === undefined) {
        order.push(top.node);
        path.pop();
        continue;
      }
      const upstream = definer(name);
      if (upstream === undefined || seen.has(upstream)) continue;
      seen.add(upstream);
      path.push({ node: upstream, next: 0 });
    }
  }
  return order;
}
