import { benchReports } from "./reports.ts";

/* Reports and links: their sizes, and how soon they show something. Wants Chromium. */

await benchReports();
