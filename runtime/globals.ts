/**
 * Globals that a cell may use without defining them, besides ECMAScript's own (which the compiler
 * knows). What is on `globalThis` by accident, such as `name`, `status`, `length`, `top` or
 * `event`, is not here, so that a typo or a missing cell is an error and not a string.
 */
export const defaultGlobals: ReadonlySet<string> = new Set(
  `globalThis window document navigator location console performance crypto caches
  localStorage sessionStorage indexedDB
  setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate queueMicrotask
  requestAnimationFrame cancelAnimationFrame requestIdleCallback cancelIdleCallback
  structuredClone fetch atob btoa alert confirm prompt matchMedia getComputedStyle getSelection
  devicePixelRatio innerWidth innerHeight isSecureContext crossOriginIsolated process Buffer
  AbortController AbortSignal Blob File FileReader FormData Headers Request Response URL
  URLSearchParams TextDecoder TextEncoder TextDecoderStream TextEncoderStream ReadableStream
  WritableStream TransformStream CompressionStream DecompressionStream Event EventTarget
  CustomEvent MessageChannel MessagePort MessageEvent BroadcastChannel Worker WebSocket EventSource
  XMLHttpRequest DOMException DOMParser XMLSerializer DOMRect DOMPoint DOMMatrix Document
  DocumentFragment Element HTMLElement SVGElement Node NodeFilter NodeList Text Range Image Audio
  HTMLCanvasElement HTMLImageElement HTMLInputElement HTMLVideoElement OffscreenCanvas ImageData
  ImageBitmap createImageBitmap Path2D CanvasRenderingContext2D MutationObserver ResizeObserver
  IntersectionObserver PerformanceObserver KeyboardEvent MouseEvent PointerEvent InputEvent
  WheelEvent TouchEvent DragEvent CSS CSSStyleSheet customElements FontFace NodeJS
  GPUBufferUsage GPUTextureUsage GPUShaderStage GPUMapMode
  Atomics SharedArrayBuffer WebAssembly WeakRef FinalizationRegistry AggregateError BigInt
  BigInt64Array BigUint64Array Float16Array Iterator Intl Proxy Reflect escape unescape`.split(
    /\s+/,
  ),
);

/**
 * Names that the compiler takes for the language's own, as notebook-kit does: a cell that reads one
 * has no input of that name, and none may declare it.
 */
export const languageGlobals: ReadonlySet<string> = new Set(
  `Array ArrayBuffer atob AudioContext Blob Boolean BigInt btoa clearInterval clearTimeout
  console crypto CustomEvent DataView Date decodeURI decodeURIComponent devicePixelRatio
  document encodeURI encodeURIComponent Error escape eval fetch File FileList FileReader
  Float32Array Float64Array Function Headers Image ImageData Infinity Int16Array Int32Array
  Int8Array Intl isFinite isNaN JSON Map Math NaN Number navigator Object observable
  parseFloat parseInt performance Path2D Promise Proxy RangeError ReferenceError Reflect
  RegExp cancelAnimationFrame requestAnimationFrame Set setInterval setTimeout String Symbol
  SyntaxError TextDecoder TextEncoder this TypeError Uint16Array Uint32Array Uint8Array
  Uint8ClampedArray undefined unescape URIError URL WeakMap WeakSet WebSocket Worker window`.split(
    /\s+/,
  ),
);
