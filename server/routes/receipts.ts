import { Hono } from "hono";
import * as v from "valibot";
import { digestSchema, receiptBodySchema } from "../../engines/receipt-schema.ts";
import type { ServerContext, ServerEnv } from "../http-context.ts";
import { bodyLimits, jsonBody } from "../request-body.ts";
import { ServerError } from "../server-error.ts";

const requestSchema = v.strictObject({
  body: receiptBodySchema,
  // what the server vouches for it has found itself
  vouchedBy: v.picklist(["frame", "shell"]),
});

/** Receipts, the ledger that holds them, and what they open. */
export function receiptRoutes({ workspace, ladder }: ServerContext): Hono<ServerEnv> {
  return new Hono<ServerEnv>()
    .post("/receipts", async (context) => {
      const { body, vouchedBy } = await jsonBody(context, requestSchema, bodyLimits.json * 8);
      return context.json(await workspace.receipts.add(body, vouchedBy), 201);
    })
    .get("/receipts/:id", async (context) => {
      const id = v.safeParse(digestSchema, context.req.param("id"));
      if (!id.success) throw new ServerError(400, "receipt", id.issues[0].message);
      const receipt = await workspace.receipts.get(id.output);
      if (receipt === undefined)
        throw new ServerError(404, "receipt", `the ledger has no receipt ${id.output}`);
      return context.json(receipt);
    })
    .get("/ledger", async (context) => {
      const after = Number(context.req.query("after") ?? 0);
      if (!Number.isSafeInteger(after) || after < 0)
        throw new ServerError(400, "after", "`after` is the number of an entry");
      const entries = await workspace.ledger.after(after);
      return context.json({ head: await workspace.ledger.head(), entries });
    })
    .get("/ladder/:recipe", async (context) => {
      const recipe = v.safeParse(digestSchema, context.req.param("recipe"));
      if (!recipe.success) throw new ServerError(400, "recipe", recipe.issues[0].message);
      return context.json(await ladder.state(recipe.output));
    });
}
