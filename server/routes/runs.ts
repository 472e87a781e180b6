import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Hono } from "hono";
import * as v from "valibot";
import { recipeDigest } from "../../engines/plan-digest.ts";
import { readReason, reasonRule } from "../../engines/run-override.ts";
import { runEventSchema, runRequestSchema, runResultSchema } from "../../engines/run-schema.ts";
import { eventStream, type StreamMessage } from "../event-stream.ts";
import { fileResponse } from "../file-response.ts";
import type { RequestContext, ServerContext, ServerEnv } from "../http-context.ts";
import { mediaTypeOf } from "../media-type.ts";
import { bodyLimits, jsonBody } from "../request-body.ts";
import type { RunDirectory } from "../run-directory.ts";
import { recordEnd } from "../run-entries.ts";
import { artifactName, type Made, type RunInfo } from "../runs.ts";
import { ServerError } from "../server-error.ts";
import { submitFullRun } from "../submit-full-run.ts";

const submissionSchema = v.strictObject({
  request: runRequestSchema,
  record: v.exactOptional(
    v.strictObject({ events: v.array(runEventSchema), result: runResultSchema }),
  ),
  again: v.exactOptional(v.boolean()),
  override: v.exactOptional(
    v.strictObject({
      reason: v.pipe(
        v.string(),
        v.check((text) => readReason(text) !== undefined, reasonRule),
        v.transform((text) => readReason(text) ?? ""),
      ),
    }),
  ),
});

type Submission = v.InferOutput<typeof submissionSchema>;

/** Runs: submitted, followed, cancelled, and what they made. */
export function runRoutes(context: ServerContext): Hono<ServerEnv> {
  const { workspace, dispatcher, closing } = context;
  const { runs } = workspace;
  const key = ":key{[0-9a-f]{64}}";
  return new Hono<ServerEnv>()
    .get("/runs", async ({ json }) => json({ runs: (await runs.list()).map(listed) }))
    .put(`/runs/${key}`, async (request) => {
      const submission = await jsonBody(request, submissionSchema, bodyLimits.record);
      const { run, isNew } = await submit(context, request.req.param("key"), submission);
      return request.json(described(run), isNew ? 201 : 200);
    })
    .get(`/runs/${key}`, async (request) =>
      request.json(described(await runs.get(request.req.param("key")))),
    )
    .post(`/runs/${key}/cancel`, async (request) => {
      const run = await runs.get(request.req.param("key"));
      // the answer is that it was asked for; the events say when it is done
      dispatcher
        .cancel(run.key)
        .catch((error: unknown) => console.error(`tierbook: run ${run.key}:`, error));
      return request.json({ key: run.key, state: run.state }, 202);
    })
    .get(`/runs/${key}/events`, async (request) => {
      const { key: found } = await runs.get(request.req.param("key"));
      const directory = runs.directory(found);
      const after = lastSeen(request);
      if (request.req.header("accept")?.includes("text/event-stream") === true)
        return eventStream((signal) => messages(directory, after, signal), closing);
      const result = (await directory.readEnd()) ?? null;
      const { events } = await directory.readEvents();
      return request.json({ events: events.filter(({ seq }) => seq > after), result });
    })
    .get(`/runs/${key}/artifacts/:name`, async (request) => {
      const run = await runs.get(request.req.param("key"));
      const name = request.req.param("name");
      const path = join(runs.directory(run.key).artifacts, name);
      if (!artifactName.test(name) || (await stat(path).catch(() => undefined))?.isFile() !== true)
        throw new ServerError(404, "artifact", `the run has made no ${name}`);
      return await fileResponse(request, path, { "Content-Type": mediaTypeOf(name) });
    });
}

async function submit(
  context: ServerContext,
  key: string,
  { request, record, again = false, override }: Submission,
): Promise<Made> {
  const { workspace } = context;
  if (request.tier === "full" && record === undefined) {
    const word = override && { ...override, by: "page" as const };
    return await submitFullRun(context, key, request, { again, override: word });
  }
  if (request.tier !== "small" || record === undefined)
    throw new ServerError(
      400,
      "tier",
      "a full run is submitted by its request alone, a small run with the record of its training",
    );
  if (override !== undefined)
    throw new ServerError(400, "override", "a small run needs no receipts, so none is overridden");
  const made = await workspace.runs.record(key, request, record);
  if (made.isNew) await recordEnd(workspace, made.run, record.result);
  return made;
}

async function* messages(
  directory: RunDirectory,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<StreamMessage> {
  for await (const item of directory.follow(after, signal))
    yield "event" in item
      ? { id: item.event.seq, data: item.event }
      : { event: "result", data: item.result };
}

function lastSeen(request: RequestContext): number {
  const after = Number(request.req.header("last-event-id") ?? request.req.query("after") ?? 0);
  if (Number.isSafeInteger(after) && after >= 0) return after;
  throw new ServerError(400, "after", "`after` is the number of an event");
}

function described(run: RunInfo): Record<string, unknown> {
  const { key, request, state, createdAt, override, result } = run;
  return {
    key,
    request,
    state,
    createdAt,
    ...(override === undefined ? {} : { override }),
    ...(result === undefined ? {} : { result }),
  };
}

function listed(run: RunInfo): object {
  const { key, request, state, createdAt, executedBy, override, result } = run;
  return {
    key,
    tier: request.tier,
    state,
    createdAt,
    executedBy,
    recipe: recipeDigest(request.plan),
    engine: request.engine,
    ...(request.workbook === undefined ? {} : { workbook: request.workbook }),
    ...(override === undefined ? {} : { override }),
    ...(result?.reason === undefined ? {} : { reason: result.reason }),
  };
}
