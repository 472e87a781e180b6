/** A fact of a card. */
interface Fact {
  readonly label: string;
  readonly value: string;
}

/**
 * Where something really computed, as a person wants to know it: engine, backend, device, and why
 * these. The rest of the environment is in the receipt.
 */
export function environmentFacts(environment: Readonly<Record<string, string>>): Fact[] {
  const { engine, backend, device, adapter, chosenBecause } = environment;
  const version = engine === undefined ? undefined : environment[engine];
  return [
    { label: "engine", value: [engine, version].filter(Boolean).join(" ") },
    { label: "backend", value: backend ?? "" },
    { label: "device", value: device ?? "" },
    { label: "adapter", value: adapter ?? "" },
    { label: "chosen because", value: chosenBecause ?? "" },
  ].filter(({ value }) => value !== "");
}
