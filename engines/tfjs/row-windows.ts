import type { Tensor } from "@tensorflow/tfjs-core";
import { EpochOrder, type EpochWindow } from "../epoch-order.ts";
import type { Plan } from "../plan.ts";
import type { TrainingData } from "../training-data.ts";
import type { Kernels } from "./kernels.ts";

/** Reads of a window that wait for a file at the same time. */
const readsAtOnce = 16;

/** Which window of which epoch, both from 0. */
export interface WindowPlace {
  readonly epoch: number;
  readonly window: number;
}

/** Training rows on the device and the order in which they are taken. */
export interface DeviceWindow {
  /** rows × width */
  readonly x: Tensor;
  /** rows */
  readonly y: Tensor;
  /** places of rows in `x` and `y` */
  readonly order: Tensor;
}

/** Rows of a window off the device, in the order in which they are read. */
interface ReadRows {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/**
 * Brings the training rows to the device, window by window in the order of the epochs. Where all fit
 * into one window they go up once, and each epoch sends only its order. Else the next window is read
 * while the present one trains, so that memory holds two of them and no more.
 */
export class RowWindows {
  private readonly windows: number;
  private rows: Omit<DeviceWindow, "order"> | undefined;
  private order: Tensor | undefined;
  private place: WindowPlace | undefined;
  private next: { readonly place: WindowPlace; readonly rows: Promise<ReadRows> } | undefined;

  constructor(
    private readonly kernels: Kernels,
    private readonly plan: Plan,
    private readonly data: TrainingData,
    private readonly windowRows: number,
  ) {
    this.windows = this.epochOrder(0).windows;
  }

  /** The window that is on the device. */
  get(place: WindowPlace): DeviceWindow {
    if (!isSame(this.place, place) || this.rows === undefined || this.order === undefined)
      throw new RangeError(
        `window ${place.window} of epoch ${place.epoch} is not on the device; bring it there first`,
      );
    return { ...this.rows, order: this.order };
  }

  /** Brings a window to the device, in the place of the one that is there. */
  async bring(place: WindowPlace): Promise<void> {
    if (isSame(this.place, place)) return;
    const window = this.epochOrder(place.epoch).window(place.window);
    if (this.windows > 1 || this.rows === undefined) {
      const read = isSame(this.next?.place, place) ? this.next?.rows : undefined;
      this.next = undefined;
      const rows = await (read ?? this.read(window));
      this.dispose();
      this.rows = this.upload(rows);
    }
    this.order?.dispose();
    this.order = this.kernels.uploadOrder(window.order);
    this.place = place;
    this.readAhead(place);
  }

  dispose(): void {
    for (const tensor of [this.rows?.x, this.rows?.y, this.order]) tensor?.dispose();
    this.rows = this.order = this.place = undefined;
  }

  private upload({ x, y }: ReadRows): Omit<DeviceWindow, "order"> {
    return {
      x: this.kernels.upload(x, [y.length, this.data.width]),
      y: this.kernels.upload(y, [y.length]),
    };
  }

  private readAhead({ epoch, window }: WindowPlace): void {
    if (this.windows === 1) return;
    const isLast = window + 1 === this.windows;
    const place = isLast ? { epoch: epoch + 1, window: 0 } : { epoch, window: window + 1 };
    if (place.epoch >= this.plan.epochs) return;
    const rows = this.read(this.epochOrder(place.epoch).window(place.window));
    // whoever brings the window hears of it; the run may end before
    rows.catch(() => undefined);
    this.next = { place, rows };
  }

  private async read({ ranges, numRows }: EpochWindow): Promise<ReadRows> {
    const { training, width } = this.data;
    const [only] = ranges;
    if (only && ranges.length === 1) return await training.read(only.start, numRows);
    const x = new Float32Array(numRows * width);
    const y = new Float32Array(numRows);
    let at = 0;
    for (let i = 0; i < ranges.length; i += readsAtOnce) {
      const blocks = await Promise.all(
        ranges
          .slice(i, i + readsAtOnce)
          .map(async ({ start, end }) => await training.read(start, end - start)),
      );
      for (const block of blocks) {
        x.set(block.x, at * width);
        y.set(block.y, at);
        at += block.numRows;
      }
    }
    return { x, y };
  }

  private epochOrder(epoch: number): EpochOrder {
    const { seed, batch } = this.plan;
    const { numRows } = this.data.training;
    return new EpochOrder({ seed, epoch, numRows, batch, windowRows: this.windowRows });
  }
}

function isSame(one: WindowPlace | undefined, other: WindowPlace): boolean {
  return one?.epoch === other.epoch && one.window === other.window;
}
