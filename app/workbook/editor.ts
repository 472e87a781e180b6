import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import type { SQLNamespace } from "@codemirror/lang-sql";
import { bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, Prec, type Extension } from "@codemirror/state";
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightSpecialChars,
  keymap,
} from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import type { CellError, CellMode } from "../../runtime/cell.ts";
import { modeNames } from "../mode-names.ts";
import { isProse, languageOf } from "./language.ts";

/** What an editor tells and asks. */
export interface EditorHost {
  changed(source: string): void;
  /** the person wants the cell to run, and perhaps to go on to the next */
  run(advance: boolean): void;
  /** the person leaves the editor for the cell around it */
  leave(): void;
  /** names that the workbook's cells and the builtins give */
  completions(): readonly Completion[];
  /** columns by table name */
  tables(): SQLNamespace;
}

/** One cell's source under edit. Typing touches nothing but the document's text. */
export class CellEditor {
  readonly view: EditorView;
  private readonly language = new Compartment();

  constructor(
    private readonly host: EditorHost,
    private mode: CellMode,
    source: string,
    label: string,
  ) {
    this.view = new EditorView({
      state: EditorState.create({
        doc: source,
        extensions: [
          this.keys(),
          this.language.of(this.languageFor(mode)),
          EditorView.contentAttributes.of({ "aria-label": `${label}, ${modeNames[mode]} source` }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) host.changed(this.source);
          }),
          EditorView.domEventHandlers({ focus: () => this.refreshTables() }),
          editing,
        ],
      }),
    });
  }

  /** The text as it stands, lines ended by `\n`. */
  get source(): string {
    return this.view.state.doc.toString();
  }

  /** Puts in another text, where something else than typing changed it. */
  replace(source: string): void {
    if (source === this.source) return;
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: source } });
  }

  setMode(mode: CellMode): void {
    this.mode = mode;
    this.view.dispatch({ effects: this.language.reconfigure(this.languageFor(mode)) });
  }

  /** Underlines where the last run failed, or nothing. */
  showError(error: CellError | undefined): void {
    const diagnostics = error?.line === undefined ? [] : [this.diagnostic(error, error.line)];
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
  }

  /** Focuses the text, with the cursor at a point of the page, at a line, or where it was. */
  focus(at?: { readonly x: number; readonly y: number } | { readonly line: number }): void {
    this.view.focus();
    if (at === undefined) return;
    const { doc } = this.view.state;
    const position =
      "line" in at
        ? doc.line(Math.min(Math.max(1, at.line), doc.lines)).from
        : this.view.posAtCoords(at, false);
    this.view.dispatch({ selection: { anchor: position }, scrollIntoView: true });
  }

  destroy(): void {
    this.view.destroy();
  }

  /** Tables that became known since are completed too. */
  private refreshTables(): void {
    if (this.mode === "sql") window.setTimeout(() => this.setMode(this.mode));
  }

  private diagnostic(error: CellError, lineNumber: number) {
    const { doc } = this.view.state;
    const line = doc.line(Math.min(Math.max(1, lineNumber), doc.lines));
    const start = Math.min(line.from + Math.max(0, (error.column ?? 1) - 1), line.to);
    const word = this.view.state.wordAt(start);
    return {
      from: error.column === undefined ? line.from : start,
      to: error.column === undefined ? line.to : (word?.to ?? Math.min(start + 1, line.to)),
      severity: "error" as const,
      message: error.message,
    };
  }

  private languageFor(mode: CellMode): Extension {
    const support = languageOf(mode, mode === "sql" ? this.host.tables() : {});
    const names = { autocomplete: (context: CompletionContext) => this.complete(context, mode) };
    return support === undefined
      ? EditorView.lineWrapping
      : [support, support.language.data.of(names), mode === "sql" ? [] : EditorView.lineWrapping];
  }

  private complete(context: CompletionContext, mode: CellMode): CompletionResult | null {
    if (isProse(mode)) return null;
    const word = context.matchBefore(/[\p{ID_Start}$_][\p{ID_Continue}$]*/u);
    const before = context.state.sliceDoc(Math.max(0, (word?.from ?? context.pos) - 1), word?.from);
    if (before === "." || (word === null && !context.explicit)) return null;
    return {
      from: word?.from ?? context.pos,
      options: this.host.completions(),
      validFor: /^[\p{ID_Continue}$]*$/u,
    };
  }

  private keys(): Extension {
    const run = (advance: boolean) => (): boolean => {
      this.host.run(advance);
      return true;
    };
    const leave = (): boolean => {
      this.host.leave();
      return true;
    };
    return [
      Prec.highest(
        keymap.of([
          { key: "Shift-Enter", run: run(true) },
          { key: "Mod-Enter", run: run(false) },
        ]),
      ),
      Prec.lowest(keymap.of([{ key: "Escape", run: leave }])),
    ];
  }
}

const editing: Extension = [
  highlightSpecialChars(),
  history(),
  drawSelection(),
  dropCursor(),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  autocompletion(),
  highlightSelectionMatches(),
  syntaxHighlighting(classHighlighter),
  EditorState.tabSize.of(2),
  keymap.of([
    ...closeBracketsKeymap,
    ...defaultKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...completionKeymap,
    ...lintKeymap,
    indentWithTab,
  ]),
];
