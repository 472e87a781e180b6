import type { Cell, CellError, CellMode } from "../../runtime/cell.ts";
import { CellEditor, type EditorHost } from "./editor.ts";
import { element } from "./element.ts";
import { highlightSource, markLine, staticSource } from "./static-source.ts";

/**
 * The source of one cell: plain text at first, coloured once it comes near the sight, and an
 * editor from the first time that somebody goes into it.
 */
export class CellSource {
  readonly root = element("div", { class: "cell-source" });
  private editor: CellEditor | undefined;
  private text: HTMLElement;
  private isColoured = false;
  private error: CellError | undefined;
  private mode: CellMode;
  private source: string;

  constructor(
    cell: Cell,
    private readonly label: string,
    private readonly host: EditorHost,
  ) {
    this.mode = cell.mode;
    this.source = cell.source;
    this.text = staticSource(cell.source);
    this.root.append(this.text);
    this.root.addEventListener("pointerdown", (event) => this.pressed(event));
  }

  /** Colours the text, unless it is coloured or under edit already. */
  colour(): void {
    if (this.isColoured || this.editor !== undefined) return;
    this.isColoured = true;
    highlightSource(this.text, this.source, this.mode);
  }

  /** Takes over a source or a mode that changed elsewhere. */
  update(cell: Cell): void {
    if (cell.mode !== this.mode) this.editor?.setMode(cell.mode);
    if (this.editor !== undefined) this.editor.replace(cell.source);
    else if (cell.source !== this.source || cell.mode !== this.mode) this.redraw(cell);
    this.mode = cell.mode;
    this.source = cell.source;
  }

  /** Goes into the text to edit it. */
  edit(at?: Parameters<CellEditor["focus"]>[0]): void {
    this.ensureEditor().focus(at);
  }

  get hasFocus(): boolean {
    return this.editor?.view.hasFocus ?? false;
  }

  showError(error: CellError | undefined): void {
    if (error?.line === this.error?.line && error?.message === this.error?.message) return;
    this.error = error;
    if (this.editor === undefined) markLine(this.text, error?.line);
    else this.editor.showError(error);
  }

  destroy(): void {
    this.editor?.destroy();
  }

  private ensureEditor(): CellEditor {
    if (this.editor !== undefined) return this.editor;
    const editor = new CellEditor(
      { ...this.host, changed: (source) => this.changed(source) },
      this.mode,
      this.source,
      this.label,
    );
    this.editor = editor;
    this.text.replaceWith(editor.view.dom);
    editor.showError(this.error);
    return editor;
  }

  private changed(source: string): void {
    this.source = source;
    this.host.changed(source);
  }

  /** The first press into the text makes the editor and puts the cursor where the press was. */
  private pressed(event: PointerEvent): void {
    if (this.editor !== undefined || event.button !== 0) return;
    event.preventDefault();
    this.edit({ x: event.clientX, y: event.clientY });
  }

  private redraw(cell: Cell): void {
    const text = staticSource(cell.source);
    if (this.isColoured) highlightSource(text, cell.source, cell.mode);
    this.text.replaceWith(text);
    this.text = text;
    markLine(text, this.error?.line);
  }
}
