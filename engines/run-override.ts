/**
 * That a person had a full run started although its ladder still asked for something. It is part of
 * the run for ever, and of everything that is made from it.
 */
export interface RunOverride {
  /** the person's reason, in their words */
  readonly reason: string;
  /** what the ladder still asked for, in sentences */
  readonly lacking: readonly string[];
  /** when the ledger took it down; RFC 3339, UTC */
  readonly at: string;
  /** hash of the ledger's entry that says so */
  readonly entry: string;
}

/** How long a reason is, in characters: long enough to say something, short enough to be shown. */
export const reasonLength = { least: 10, most: 2_000 } as const;

/**
 * A person's reason as it is written down: on one line, without what cannot be seen or would turn
 * the order of what is seen.
 *
 * @returns undefined for a text that says nothing or too much
 */
export function readReason(text: string): string | undefined {
  const reason = text.replace(unseen, " ").replace(/\s+/g, " ").trim();
  const { length } = [...reason];
  const isLongEnough = length >= reasonLength.least && length <= reasonLength.most;
  return isLongEnough && word.test(reason) ? reason : undefined;
}

/** What {@link readReason} wants, for whoever gave it something else. */
export const reasonRule = `give a reason in words, ${reasonLength.least} to ${reasonLength.most.toLocaleString("en")} characters long`;

/** Why a run was started, and over what, as a card and a list say it. */
export function overrideText({ reason, lacking }: RunOverride): string {
  const why = sentence(`Overridden: ${reason}`);
  return lacking.length === 0
    ? why
    : `${why} ${sentence(`Started although ${lacking.join("; ")}`)}`;
}

/** A sentence with an end of its own. */
function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** Controls, lone surrogates, and marks without width that join nothing or set a direction. */
const unseen = /[\p{Cc}\p{Cs}\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu;
const word = /\p{L}{2}/u;
