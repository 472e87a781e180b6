declare module "@observablehq/runtime" {
  /** What a variable tells. */
  export interface Observer {
    pending?(): void;
    fulfilled?(value: unknown, name: string | null): void;
    rejected?(error: unknown, name: string | null): void;
  }

  export interface Variable {
    define(
      name: string | null,
      inputs: readonly string[],
      definition: (...inputs: never[]) => unknown,
    ): Variable;
    delete(): Variable;
    dispose(): void;
  }

  export interface Module {
    variable(observer?: Observer | true): Variable;
    define(
      name: string | null,
      inputs: readonly string[],
      definition: (...inputs: never[]) => unknown,
    ): Variable;
    value(name: string): Promise<unknown>;
  }

  export class Runtime {
    constructor(builtins?: Readonly<Record<string, unknown>>, global?: (name: string) => unknown);
    module(): Module;
    dispose(): void;
    /** whether a computation is scheduled; private upstream, and kept stable there */
    readonly _computing: Promise<void> | null;
    readonly _disposed: boolean;
    _computeSoon(): Promise<void>;
    _computeNow(): Promise<void>;
  }
}
