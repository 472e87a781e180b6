import * as fc from "fast-check";
import type { CellMode } from "../../runtime/cell.ts";
import { insertCell, type CellPatch, type NewCell } from "../../runtime/notebook-edits.ts";
import { cellTypes, createNotebook, serializeNotebook } from "../../runtime/notebook.ts";

const split = (text: string): string[] => text.split("¦");

const scraps = fc.constantFrom(
  ...split(
    "<!--¦-->¦--!>¦<!-->¦<script¦<script>¦<SCRIPT ¦</script¦</script>¦</Script >¦</script/>¦<\\¦\\¦<\\!--¦" +
      "<\\script>¦<\\/script>¦<\\\\/script>¦]]>¦<![CDATA[¦/¦>¦<¦-¦\0¦\r¦\n¦\r\n¦\n\n¦\t¦    ¦  ¦`¦${x}¦a¦é¦😀¦&amp;¦" +
      "&¦\u00a0¦\u2028¦</notebook>¦<notebook>¦<title>¦'¦\"¦=",
  ),
);
/** Whatever a source or a title may hold. */
export const anyText = fc.oneof(
  fc.array(scraps, { maxLength: 12 }).map((parts) => parts.join("")),
  fc.string({ unit: "grapheme", maxLength: 8 }),
);
const modes: CellMode[] = split("js¦ts¦ojs¦md¦html¦tex¦dot¦sql¦node¦python¦r").flatMap((mode) =>
  Object.keys(cellTypes).filter((type): type is CellMode => type === mode),
);
const name = fc.constantFrom(...split("x¦a&b¦a\"b'¦<c>¦ d ¦¦&amp;¦&lt;"));
/** An edit of a cell. */
export const anyPatch: fc.Arbitrary<CellPatch> = fc.record(
  {
    mode: fc.constantFrom(...modes),
    source: anyText,
    pinned: fc.boolean(),
    hidden: fc.boolean(),
    output: fc.option(name, { nil: undefined }),
    database: fc.option(name, { nil: undefined }),
    format: fc.constantFrom("json", "csv", undefined),
  },
  { requiredKeys: [] },
);
/** A cell that is new. */
export const newCell: fc.Arbitrary<NewCell> = fc
  .tuple(fc.constantFrom(...modes), anyPatch)
  .map(([mode, patch]) => ({ ...patch, mode }));

/** A file that we made. */
export const ownNotebook = fc
  .record({
    title: anyText,
    theme: fc.constantFrom("air", "light-dark(air, ink)", 'a"&<>b'),
    cells: fc.array(newCell, { maxLength: 4 }),
  })
  .map(({ title, theme, cells }) =>
    cells.reduce(
      (notebook, cell, i) => insertCell(notebook, i, cell),
      createNotebook(title, theme),
    ),
  );

const attribute = fc.constantFrom(
  ...split(
    "id=1¦id='2'¦id¦id=\"1\"¦id=-3¦ID=7.9¦id=0¦id=9007199254740991¦id=9007199254740990¦id=1e300¦id=x¦id=0x10¦" +
      "type=module¦type='text/html'¦type=\"application/sql\"¦type=x/y¦pinned¦Pinned=''¦pinned/¦hidden=hidden¦" +
      "hidden/¦output=a¦output=a/¦output='a &amp; b'¦database=\"d\"¦format=json¦data-x='>'¦data-y=\"<script>\"¦" +
      "a=¦=b¦==¦a =b¦a= b¦'¦\"¦a='1'b=\"2\"¦/¦\n¦\r\n¦on<x¦é=é¦n=b\u00a0",
  ),
);
const tag = fc
  .tuple(
    fc.constantFrom("<script", "<SCRIPT", "<Script/"),
    fc.array(attribute, { maxLength: 6 }),
    fc.constantFrom(" ", "\r\n", "/", "\t", ""),
    fc.constantFrom(">", " >", "/>"),
  )
  .map(([open, attributes, gap, close]) => [open, ...attributes].join(gap || " ").concat(close));
const foreignCell = fc
  .tuple(tag, anyText, fc.constantFrom("</script>", "</script >", "</SCRIPT a='>'>", "</script/>"))
  .map((parts) => parts.join(""));
const foreignPiece = fc.oneof(
  { weight: 4, arbitrary: foreignCell },
  { weight: 2, arbitrary: fc.constantFrom("\n  ", "\r\n\t", "\n", "<p>", "a<", "<", "b>", "!--") },
  { weight: 1, arbitrary: scraps },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...split(
        "<title>a &amp; b</title>¦<title>¦<!-- <script>no</script> -->¦<style> <script> </style>¦<textarea>¦<a b='¦" +
          '<a b=">">¦<?x¦<!x>¦</¦</notebook>¦</notebook><notebook theme=ink>¦<unknown-element data-a=1>¦</script foo="',
      ),
    ),
  },
);
/** A file by any other hand, broken ones included. */
export const foreignText = fc
  .tuple(
    fc.constantFrom("", "<!doctype html>\r\n", "<!-- <notebook> --><title>T</title>"),
    fc.constantFrom("<notebook>", "<Notebook readonly theme='INK'\n>\n  "),
    fc.array(foreignPiece, { maxLength: 8 }),
    fc.constantFrom("</notebook>", "\r\n</notebook >\r\n<script>no</script>", ""),
  )
  .map(([before, open, pieces, close]) => before + open + pieces.join("") + close);

/** The text of any workbook's file, by our hand or by another. */
export const anyNotebookText = fc.oneof(
  ownNotebook.map((notebook) => serializeNotebook(notebook)),
  foreignText,
);
