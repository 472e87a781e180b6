import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core";

type Core = typeof import("@tensorflow/tfjs-core");

/** Tensors on the WASM backend's heap, as arrays that a loop may read and write. */
export class WasmHeap {
  constructor(
    private readonly tf: Core,
    private readonly wasm: BackendWasm,
  ) {}

  /** A float32 tensor whose values are still to be written. */
  make(shape: readonly number[]): Tensor {
    const info = this.wasm.makeOutput([...shape], "float32");
    return this.tf.engine().makeTensorFromTensorInfo(info);
  }

  /** A view of a tensor on the heap; any allocation may move the heap and make it stale. */
  floats(tensor: TensorInfo): Float32Array {
    const view = this.wasm.typedArrayFromHeap(tensor);
    if (view instanceof Float32Array) return view;
    throw new TypeError(`a ${tensor.dtype} tensor stands where numbers are expected`);
  }

  /** The same of row numbers. */
  integers(tensor: TensorInfo): Int32Array {
    const view = this.wasm.typedArrayFromHeap(tensor);
    if (view instanceof Int32Array) return view;
    throw new TypeError(`a ${tensor.dtype} tensor stands where row numbers are expected`);
  }
}
