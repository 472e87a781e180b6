/** What {@link element} sets: attributes, with `class`, and listeners by event name under `on`. */
export interface ElementOptions<Name extends keyof HTMLElementTagNameMap> {
  readonly class?: string;
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly on?: {
    readonly [Event in keyof HTMLElementEventMap]?: (
      this: HTMLElementTagNameMap[Name],
      event: HTMLElementEventMap[Event],
    ) => void;
  };
}

/** Makes an HTML element; all text goes in as text, never as markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  options: ElementOptions<Name> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const node = document.createElement(name);
  if (options.class !== undefined) node.className = options.class;
  if (options.text !== undefined) node.textContent = options.text;
  for (const [key, value] of Object.entries(options.attributes ?? {}))
    node.setAttribute(key, value);
  for (const [type, listener] of Object.entries(options.on ?? {}))
    node.addEventListener(type, listener as EventListener);
  node.append(...children);
  return node;
}
