import type { Api } from "./api.ts";
import type { Backend } from "./backend.ts";
import type { Banners } from "./banners.ts";
import type { DispatchServices } from "./dispatch-services.ts";
import type { DraftStore } from "./draft-store.ts";
import type { GuestActions } from "./guest-actions.ts";
import type { Header } from "./header.ts";
import type { LocalRuns } from "./local-runs.ts";
import type { Preferences } from "./preferences.ts";

/** What the page and an open workbook share. */
export interface PageParts {
  /** who keeps the workbook and all that belongs to it */
  readonly api: Backend;
  /** the server, for what only a server can: reports, publishing; none where a guest looks */
  readonly server?: Api;
  /** where saving writes to, as it stands after "Save" and "Saved", such as `in this browser` */
  readonly savedWhere?: string;
  /** what a guest can do in a server's place; absent where the workbook is one's own */
  readonly guest?: GuestActions;
  readonly header: Header;
  readonly banners: Banners;
  readonly preferences: Preferences;
  readonly drafts: DraftStore;
  readonly services: DispatchServices;
  readonly local: LocalRuns;
}
