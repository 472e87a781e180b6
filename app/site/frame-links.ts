import * as v from "valibot";

/**
 * How the parts of the workbook's frame hang together. In a static site the frame has an opaque
 * origin on a host that sends no CORS headers, so it can load nothing by address: its loader gets
 * the parts as bytes from the page around it, gives each a `blob:` address, and puts these where
 * the parts name each other. The build works out where that is; `frame-links.json` holds it.
 */
export interface FrameLinks {
  readonly kind: "tierbook.frame-links";
  readonly version: 1;
  /** the module that starts the frame */
  readonly entry: string;
  /** the style sheets of the frame's page */
  readonly styles: readonly string[];
  /** every module that the frame may load, by file name */
  readonly modules: Readonly<Record<string, ModuleLinks>>;
  /** every style sheet, by file name */
  readonly sheets: Readonly<Record<string, SheetLinks>>;
  /** what else it loads by name, such as DuckDB */
  readonly files: readonly string[];
  /** those of all these that lie on the host as `<name>.gz`: hosts bound sizes, and few compress */
  readonly packed: readonly string[];
}

/** What to change in a module's text. Places are offsets in UTF-16 units, in rising order. */
export interface ModuleLinks {
  /** a static import: the place of its specifier with the quotes, and the module it names */
  readonly imports: readonly Edit[];
  /** a place, and the JavaScript to put there */
  readonly edits: readonly Edit[];
}

/** Start, end, and what the place is about. */
export type Edit = readonly [start: number, end: number, text: string];

/** A style sheet's fonts, which are drawn in once they are there. */
export interface SheetLinks {
  /** where the sheet names fonts; these places are left out */
  readonly cuts: readonly (readonly [start: number, end: number])[];
  readonly fonts: readonly FontLinks[];
}

/** One `@font-face` rule, in two halves around the font's address. */
export interface FontLinks {
  readonly before: string;
  readonly file: string;
  readonly after: string;
}

/** What the loader adds to the frame, under the name {@link framePartsName}. */
export interface FrameParts {
  /** the namespace of a module */
  load(module: string): Promise<object>;
  /** what `load` gives, once these style sheets hold */
  withStyles<Value>(load: () => Promise<Value>, sheets: readonly string[]): Promise<Value>;
  /** the address of a part as the bundler thinks of it; nothing answers there */
  url(name: string): string;
  /** a `blob:` address for such an address */
  open(url: string): Promise<string>;
}

/** The global variable of {@link FrameParts}. */
export const framePartsName = "tierbookFrameParts";

/** The file that holds {@link FrameLinks}, beside the page. */
export const frameLinksFile = "frame-links.json";

/**
 * The message by which the loader sends the page around it a port. Over it goes the name of a part,
 * or {@link frameLinksFile}, with a port for the answer: an `ArrayBuffer`, or why there is none.
 */
export const partsMessage = "tierbook.parts";

/** The names that parts have: those of files in one folder. */
const nameSchema = v.pipe(v.string(), v.regex(/^\w[\w.-]*$/));

const placeSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const editsSchema = v.array(v.tuple([placeSchema, placeSchema, v.string()]));

export const frameLinksSchema: v.GenericSchema<unknown, FrameLinks> = v.strictObject({
  kind: v.literal("tierbook.frame-links"),
  version: v.literal(1),
  entry: nameSchema,
  styles: v.array(nameSchema),
  modules: v.record(nameSchema, v.strictObject({ imports: editsSchema, edits: editsSchema })),
  sheets: v.record(
    nameSchema,
    v.strictObject({
      cuts: v.array(v.tuple([placeSchema, placeSchema])),
      fonts: v.array(v.strictObject({ before: v.string(), file: nameSchema, after: v.string() })),
    }),
  ),
  files: v.array(nameSchema),
  packed: v.array(nameSchema),
});

/** The names of all parts: nothing else is given to a frame. */
export function partNames({ modules, sheets, files }: FrameLinks): ReadonlySet<string> {
  const fonts = Object.values(sheets).flatMap((sheet) => sheet.fonts.map(({ file }) => file));
  return new Set([...Object.keys(modules), ...Object.keys(sheets), ...fonts, ...files]);
}
