import type { CompiledScript } from "./compile-javascript.ts";
import type { Place } from "./place.ts";

/**
 * A script whose errors stand elsewhere than in the code that it was compiled from.
 *
 * @param place of an error in the source; `located` gives the place in the code
 */
export function relocated<Script extends CompiledScript>(
  script: Script,
  place: (error: unknown, located: () => Place | undefined) => Place | undefined,
): Script {
  return {
    ...script,
    body(id) {
      const { make, locate } = script.body(id);
      return { make, locate: (error) => place(error, () => locate(error)) };
    },
  };
}
