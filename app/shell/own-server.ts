import { Api } from "./api.ts";
import { isStaticSite } from "./routes.ts";
import { keptToken } from "./session.ts";

/** The server whose workspace is the visitor's own. */
export interface OwnServer {
  readonly api: Api;
  /** the workspace's folder, as the server names it */
  readonly workspace: string;
}

/**
 * The server of this page, where the browser has its token from before and it still takes it. The
 * token goes nowhere else, and a static site has no server to ask.
 */
export async function knownServer(): Promise<OwnServer | undefined> {
  const token = isStaticSite() ? undefined : keptToken(localStorage);
  if (token === undefined) return undefined;
  const api = new Api(token);
  return await api.session().then(
    ({ workspace }) => ({ api, workspace }),
    () => undefined,
  );
}
