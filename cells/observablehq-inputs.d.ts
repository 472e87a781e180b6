declare module "@observablehq/inputs" {
  /** Data as an interactive table. */
  export function table(data: unknown, options?: object): HTMLElement;
  /** A field that searches data. */
  export function search(data: unknown, options?: object): HTMLElement;
  export function button(content?: unknown, options?: object): HTMLElement;
  export function range(extent?: readonly number[], options?: object): HTMLElement;
}
