import { benchAttach } from "./attach.ts";
import { benchMaterialize } from "./materialize.ts";

/*
 * Three million flights on their way from a file to a page, and to an engine. Wants
 * `npm run build` and Chromium.
 */

await benchAttach();
await benchMaterialize();
