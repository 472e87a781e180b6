/** Texts of a template as a tag is given them. */
export type TemplateStrings = readonly string[] & { readonly raw: readonly string[] };

/** Where in a template's texts something stands: which text, and at what offset in it. */
interface TextPlace {
  readonly index: number;
  readonly offset: number;
}

/**
 * A mistake in the text of a template. It keeps where in the template it is, so that a cell which is
 * that template says at which of its own lines.
 */
export class TemplateError extends Error {
  readonly code = "template";

  constructor(
    message: string,
    /** the template's texts, by identity */
    readonly strings: TemplateStrings,
    /** which text, counted from 0 */
    readonly index: number,
    /** in UTF-16 units, in that text */
    readonly offset: number,
  ) {
    super(message);
    this.name = "SyntaxError";
  }
}

/** A template's raw texts and its values as one text, which remembers where each text came from. */
export class TemplateText {
  readonly text: string;
  /** where each of the template's texts begins in the whole */
  private readonly starts: readonly number[];

  constructor(
    private readonly strings: TemplateStrings,
    values: readonly unknown[],
  ) {
    const starts: number[] = [];
    this.text = strings.raw.reduce((before, string, i) => {
      const start = i === 0 ? "" : before + String(values[i - 1]);
      starts.push(start.length);
      return start + string;
    }, "");
    this.starts = starts;
  }

  /** An error at an offset of the whole text; inside a value, it stands where the value does. */
  errorAt(offset: number, message: string): TemplateError {
    const { index, offset: within } = this.placeOf(offset);
    return new TemplateError(message, this.strings, index, within);
  }

  private placeOf(offset: number): TextPlace {
    const index = Math.max(
      0,
      this.starts.findLastIndex((start) => start <= offset),
    );
    const length = this.strings.raw[index]?.length ?? 0;
    return { index, offset: Math.min(offset - (this.starts[index] ?? 0), length) };
  }
}
