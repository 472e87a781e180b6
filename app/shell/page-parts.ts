import type { Api } from "./api.ts";
import type { ServerSession } from "./api-schema.ts";
import type { Banners } from "./banners.ts";
import type { DispatchServices } from "./dispatch-services.ts";
import type { DraftStore } from "./draft-store.ts";
import type { Header } from "./header.ts";
import type { LocalRuns } from "./local-runs.ts";
import type { Preferences } from "./preferences.ts";

/** What the whole page shares, once the server has taken the token. */
export interface PageParts {
  readonly api: Api;
  readonly session: ServerSession;
  readonly header: Header;
  readonly banners: Banners;
  readonly preferences: Preferences;
  readonly drafts: DraftStore;
  readonly services: DispatchServices;
  readonly local: LocalRuns;
}
