const delay = 250;

/**
 * Sends the workbook's text to the shell soon after an edit, so that a frame that hangs loses
 * nothing. Typing is never held up: the text is made when it is sent, at most every
 * 250 ms, and one is on its way at a time.
 */
export class Drafts {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private sent: string | undefined;

  /**
   * @param text gives the text as it would be saved
   * @param send hands it over; its failure is the shell's to show
   */
  constructor(
    private readonly text: () => string,
    private readonly send: (text: string) => Promise<void>,
  ) {}

  /** Something was edited. */
  note(): void {
    this.timer ??= setTimeout(() => this.flush(), delay);
  }

  /** Sends at once what was not sent yet; before a cell runs, since it may never end. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const text = this.text();
    if (text === this.sent) return;
    this.sent = text;
    this.send(text).catch(() => {
      this.sent = undefined;
    });
  }
}
