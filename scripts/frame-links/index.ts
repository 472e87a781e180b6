export { frameLinks } from "./frame-links-plugin.ts";
export { linkFrame, type BuiltFrame } from "./link-frame.ts";
export { LinkError, linkModule, type LinkedModule } from "./link-module.ts";
export { linkSheet } from "./link-sheet.ts";
