import { PublicationError } from "../../cells/share/publication.ts";
import { SourceLinkError } from "../../cells/share/source-link.ts";
import { NotebookError } from "../../runtime/notebook.ts";
import { digestPattern } from "../../runtime/sha256.ts";
import { StorageFullError } from "./guest/browser-copies.ts";
import { capitalised } from "./plan-text.ts";

/** Why a link cannot be opened, in the words of whoever holds it. */
export interface LinkFault {
  readonly title: string;
  /** what is wrong, in a sentence */
  readonly text: string;
  /** what to do about it, in a sentence */
  readonly todo: string;
  /** whether it may go well another time */
  readonly canRetry: boolean;
}

/** A place that names nothing that is here. */
export class MissingError extends Error {
  readonly code = "missing";
}

/** What a person is told of a link that cannot be opened. */
export function linkFault(error: unknown): LinkFault {
  const text = sentence(error instanceof Error ? error.message : String(error));
  if (error instanceof PublicationError) {
    const { title, todo } = publicationFaults[error.code] ?? unknownFault;
    return { title, text, todo, canRetry: error.code === "unreachable" };
  }
  if (error instanceof SourceLinkError)
    return { title: sourceTitles[error.code], text, todo: sentence(error.hint), canRetry: false };
  if (error instanceof MissingError)
    return {
      title: "There is nothing here",
      text,
      todo: "A copy is only in the browser that made it; compare the address with the one that you were given.",
      canRetry: false,
    };
  if (error instanceof StorageFullError)
    return { title: "No room", text, todo: sentence(error.hint), canRetry: false };
  if (error instanceof NotebookError)
    return {
      title: "This link holds no workbook",
      text,
      todo: "Ask whoever sent the link what it was made from.",
      canRetry: false,
    };
  return { ...unknownFault, text, canRetry: true };
}

/**
 * Checks the digest in an address before anything is asked for.
 *
 * @throws {PublicationError} `malformed` for what is no digest
 */
export function checkDigest(digest: string): void {
  if (digestPattern.test(digest)) return;
  const length = digest.length;
  throw new PublicationError(
    length < 64 && /^[0-9a-f]*$/.test(digest)
      ? `This link is incomplete: ${length} of its 64 characters came`
      : "This is not the address of anything published: it must end in 64 digits from 0 to f",
    "cut",
  );
}

const askAgain = "Ask whoever sent the link for a new one.";

const unknownFault = {
  title: "This link cannot be opened",
  todo: "Try again; if it stays so, ask whoever sent the link.",
};

const publicationFaults: Readonly<
  Record<string, { readonly title: string; readonly todo: string }>
> = {
  gone: { title: "This was taken back", todo: askAgain },
  missing: {
    title: "Nothing is published here",
    todo: "Compare the address with the one that you were sent, or ask for it again.",
  },
  changed: {
    title: "This is not what the link names",
    todo: "Nothing of it is shown. Tell whoever sent the link, and ask for it again.",
  },
  malformed: {
    title: "This cannot be read",
    todo: "It may be of a newer version of Tierbook. Ask whoever sent the link which one they have.",
  },
  "too-large": {
    title: "This is too large for a page",
    todo: "Ask whoever sent the link for the workbook’s file and its data.",
  },
  unreachable: {
    title: "The host of this link does not answer",
    todo: "Check your connection, then try again.",
  },
  cut: { title: "This link is not whole", todo: "Ask for the whole link, or copy it again." },
};

const sourceTitles: Readonly<Record<SourceLinkError["code"], string>> = {
  cut: "This link is not whole",
  damaged: "This link is damaged",
  newer: "This link is of a newer Tierbook",
  "too-large": "This link holds too much",
};

function sentence(text: string): string {
  return `${capitalised(text).replace(/\.$/, "")}.`;
}
