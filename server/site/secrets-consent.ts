import { count } from "../../cells/number-format.ts";

/** How somebody lets go what looks like a secret. */
export interface SecretsConsent {
  /** whether the command line lets it go */
  readonly isGiven: boolean;
  /** puts a question to the person; absent where nobody is at a terminal */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** tells why nothing leaves */
  readonly tell: (sentence: string) => void;
}

/**
 * Whether what was found may leave. Whoever is at a terminal is asked; elsewhere the command line
 * must have said it.
 *
 * @param found how many places look like a secret
 */
export async function maySecretsLeave(
  found: number,
  { isGiven, ask, tell }: SecretsConsent,
): Promise<boolean> {
  if (found === 0 || isGiven) return true;
  const looks = found === 1 ? "looks" : "look";
  const what = `${count(found, "place")} in what would leave ${looks} like a key, a token or personal data`;
  if (ask !== undefined) return /^y(es)?$/i.test((await ask(`${what}. Publish? [y/N] `)).trim());
  tell(
    `${what}. Take them out, leave the data at home with --no-data, or let them go with --allow-secrets.`,
  );
  return false;
}
