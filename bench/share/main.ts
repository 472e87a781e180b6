import { benchLinks } from "./links.ts";
import { benchReports } from "./reports.ts";

/*
 * Reports and links: their sizes, and how soon they show something. Wants `npm run build` and
 * Chromium.
 */

await benchLinks();
await benchReports();
