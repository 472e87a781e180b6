import { CellFault } from "./cell-fault.ts";
import { isPromise } from "./is-promise.ts";
import { isGenerator, streamFromGenerator, streamFromPromise, type Stream } from "./stream.ts";
import { Variable } from "./variable.ts";

/** How names that no cell defines get their values. */
export interface GivenNames {
  readonly builtins: Readonly<Record<string, () => unknown>>;
  isGlobal(name: string): boolean;
}

/**
 * The variables that no cell defines: builtins, each made when a cell first reads it, and globals.
 * A builtin that is a generator is driven as those of cells are, as long as somebody reads it.
 */
export class GivenVariables {
  private readonly variables = new Map<string, Variable>();
  private readonly streams = new Map<string, Stream>();

  constructor(private readonly names: GivenNames) {}

  /** The variable of a name, made if need be; it fails where nothing gives the name. */
  variable(name: string): Variable {
    let variable = this.variables.get(name);
    if (variable === undefined) {
      this.variables.set(name, (variable = new Variable(name)));
      this.make(variable);
    }
    return variable;
  }

  /** All that were made. */
  all(): Iterable<Variable> {
    return this.variables.values();
  }

  /** Stops the generators that nobody reads any more; who reads one again has it made anew. */
  releaseUnread(): void {
    for (const [name, stream] of this.streams)
      if (!stream.isOver && this.variables.get(name)?.readers.length === 0) {
        stream.close();
        this.streams.delete(name);
        this.variables.delete(name);
      }
  }

  /** Stops all generators. */
  close(): void {
    for (const stream of this.streams.values()) stream.close();
  }

  private make(variable: Variable): void {
    const { name } = variable;
    const { builtins } = this.names;
    if (!Object.hasOwn(builtins, name)) {
      if (this.names.isGlobal(name)) variable.give(Reflect.get(globalThis, name), variable);
      else variable.fail(new CellFault(lostName(name)));
      return;
    }
    try {
      const value = builtins[name]?.();
      const stream = isGenerator(value)
        ? streamFromGenerator(value)
        : isPromise(value)
          ? streamFromPromise(value)
          : undefined;
      if (stream === undefined) return variable.give(value, variable);
      this.streams.set(name, stream);
      stream.listen(() => variable.follow(stream));
      variable.follow(stream);
    } catch (error) {
      variable.fail(error);
    }
  }
}

function lostName(name: string): { name: string; code: string; message: string } {
  return { name: "ReferenceError", code: "undefined-name", message: `\`${name}\` is not defined` };
}
