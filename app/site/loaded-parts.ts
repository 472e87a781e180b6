import { editedText } from "./edited-text.ts";
import type { Edit, FrameLinks, FrameParts, SheetLinks } from "./frame-links.ts";
import { addressOf, textOf, type AskForPart } from "./part-bytes.ts";

/** The parts of a frame that are loaded, each once. */
export class LoadedParts implements FrameParts {
  /** `blob:` addresses by name */
  private readonly addresses = new Map<string, Promise<string>>();
  private readonly sheets = new Map<string, Promise<void>>();

  /** @param folder where the bundler thinks the parts are */
  constructor(
    private readonly links: FrameLinks,
    private readonly ask: AskForPart,
    private readonly folder: URL,
  ) {}

  /** What the modules see of this. */
  face(): FrameParts {
    return Object.freeze({
      load: (module: string) => this.load(module),
      withStyles: <Value>(load: () => Promise<Value>, sheets: readonly string[]) =>
        this.withStyles(load, sheets),
      url: (name: string) => this.url(name),
      open: (url: string) => this.open(url),
    });
  }

  async load(module: string): Promise<object> {
    const address = await this.moduleAddress(module);
    return (await import(/* @vite-ignore */ address)) as object;
  }

  async withStyles<Value>(load: () => Promise<Value>, sheets: readonly string[]): Promise<Value> {
    const styled = Promise.all(
      sheets.map((name) => once(this.sheets, name, () => this.addSheet(name))),
    );
    const [value] = await Promise.all([load(), styled]);
    return value;
  }

  url(name: string): string {
    return new URL(name, this.folder).href;
  }

  async open(url: string): Promise<string> {
    const name = url.slice(this.folder.href.length);
    if (!url.startsWith(this.folder.href) || !this.links.files.includes(name))
      throw new Error(`${url} is not a part of the workbook's frame`);
    return await this.fileAddress(name);
  }

  private moduleAddress(name: string): Promise<string> {
    return once(this.addresses, name, async () => {
      const links = this.links.modules[name];
      if (links === undefined) throw new Error(`${name} is not a module of the workbook's frame`);
      const { imports, edits } = links;
      const [text, addresses] = await Promise.all([
        this.ask(name).then(textOf),
        Promise.all(imports.map(([, , target]) => this.moduleAddress(target))),
      ]);
      const linked = imports.map(([start, end], i): Edit => [
        start,
        end,
        JSON.stringify(addresses[i]),
      ]);
      return addressOf(editedText(text, [...linked, ...edits]), name);
    });
  }

  private fileAddress(name: string): Promise<string> {
    return once(this.addresses, name, async () => addressOf(await this.ask(name), name));
  }

  /** The sheet holds when this resolves; its fonts come when they come. */
  private async addSheet(name: string): Promise<void> {
    const sheet = this.links.sheets[name];
    if (sheet === undefined)
      throw new Error(`${name} is not a style sheet of the workbook's frame`);
    const css = textOf(await this.ask(name));
    addStyle(
      editedText(
        css,
        sheet.cuts.map(([start, end]): Edit => [start, end, ""]),
      ),
    );
    void this.addFonts(sheet);
  }

  private async addFonts({ fonts }: SheetLinks): Promise<void> {
    const rules = fonts.map(async ({ before, file, after }) =>
      addStyle(`${before}${await this.fileAddress(file)}${after}`),
    );
    // text without its font is drawn in another
    await Promise.allSettled(rules);
  }
}

/** What is made for a key, made once; made anew after it failed. */
function once<Value>(
  made: Map<string, Promise<Value>>,
  key: string,
  make: () => Promise<Value>,
): Promise<Value> {
  const known = made.get(key);
  if (known !== undefined) return known;
  const making = make();
  made.set(key, making);
  making.catch(() => made.delete(key));
  return making;
}

function addStyle(css: string): void {
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
}
