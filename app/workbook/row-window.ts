/** What {@link rowWindow} needs to know; lengths in CSS pixels. */
export interface Viewport {
  readonly numRows: number;
  readonly rowHeight: number;
  readonly scrollTop: number;
  readonly viewHeight: number;
  /** rows drawn above and below those in sight, so that a quick scroll finds them there */
  readonly overscan: number;
  /** the tallest that the scrolled area may be: browsers stop being exact past some 10 million */
  readonly maxHeight: number;
}

/** Which rows stand in the page, and where. */
export interface RowWindow {
  /** first row drawn */
  readonly first: number;
  /** one past the last row drawn */
  readonly end: number;
  /** height of the empty space above the first row, CSS pixels */
  readonly above: number;
  /** height of the whole scrolled area, CSS pixels */
  readonly height: number;
}

/**
 * The rows to draw at a scroll position. Where all rows fit under `maxHeight`, a pixel is a pixel;
 * past that the scroll position stands for a share of the rows, and the drawn rows keep their true
 * height around the place in sight, so both ends can still be reached exactly.
 */
export function rowWindow(view: Viewport): RowWindow {
  const { numRows, rowHeight, viewHeight, overscan } = view;
  const trueHeight = numRows * rowHeight;
  const height = Math.min(trueHeight, view.maxHeight);
  const room = Math.max(0, height - viewHeight);
  const scrollTop = Math.min(Math.max(0, view.scrollTop), room);
  const trueTop = room === 0 ? 0 : (scrollTop / room) * Math.max(0, trueHeight - viewHeight);
  const first = Math.max(0, Math.floor(trueTop / rowHeight) - overscan);
  const end = Math.min(numRows, Math.ceil((trueTop + viewHeight) / rowHeight) + overscan);
  const wanted = scrollTop - (trueTop - first * rowHeight);
  const above = Math.min(Math.max(0, wanted), Math.max(0, height - (end - first) * rowHeight));
  return { first, end, above, height };
}
