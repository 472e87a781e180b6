import { expect, test } from "vitest";
import { Api, ApiError } from "../../app/shell/api.ts";

const origin = "http://127.0.0.1:4000";
const digest = "a".repeat(64);

/** An interface that answers every request with the same, and what it was asked. */
function answering(respond: (request: Request) => Response | Promise<Response>) {
  const requests: Request[] = [];
  const reached: boolean[] = [];
  const api = new Api("the-token", origin, async (input, init) => {
    const request = new Request(input, init);
    requests.push(request);
    return await respond(request);
  });
  api.onReach = (isReached) => void reached.push(isReached);
  return { api, requests, reached };
}

test("every request carries the token, and never in its address", async () => {
  const { api, requests } = answering(() => Response.json({ files: [] }));
  await api.files();
  expect(requests.map(({ url, headers }) => [url, headers.get("authorization")])).toEqual([
    [`${origin}/api/files`, "Bearer the-token"],
  ]);
});

test("an error keeps the server's code, hint and reasons", async () => {
  const reasons = [{ stage: "smallRun", code: "no-small-run", message: "none" }];
  const { api } = answering(() =>
    Response.json(
      { error: { code: "ladder", message: "closed", hint: "climb", reasons } },
      { status: 403 },
    ),
  );
  const error = await api.runs().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: "ladder", status: 403, hint: "climb", reasons });
});

test("a server that is gone is told from one that refuses", async () => {
  const gone = answering(() => {
    throw new TypeError("fetch failed");
  });
  await expect(gone.api.files()).rejects.toMatchObject({ code: "server-gone", status: 0 });
  expect(gone.reached).toEqual([false]);
  const refusing = answering(() => new Response(null, { status: 401 }));
  await expect(refusing.api.files()).rejects.toMatchObject({ code: "token", status: 401 });
  expect(refusing.reached).toEqual([true]);
});

test("an answer of another form is an error, not a surprise later", async () => {
  const { api } = answering(() => Response.json({ files: [{ path: 1 }] }));
  await expect(api.files()).rejects.toMatchObject({ code: "bad-answer" });
});

test("a file is read with its digest and written against it", async () => {
  const { api, requests } = answering(({ method }) =>
    method === "GET"
      ? new Response("text", { headers: { ETag: `"${digest}"` } })
      : Response.json({ digest }),
  );
  expect(await api.readFile("a folder/é.html")).toEqual({ text: "text", digest });
  await api.writeFile("new.html", "text", null);
  await api.writeFile("old.html", "text", digest);
  expect(
    requests.map(({ url, headers }) => [
      url.slice(origin.length),
      headers.get("if-match"),
      headers.get("if-none-match"),
    ]),
  ).toEqual([
    ["/api/files/a%20folder/%C3%A9.html", null, null],
    ["/api/files/new.html", null, "*"],
    ["/api/files/old.html", `"${digest}"`, null],
  ]);
});

test("a blob is sent only where the server has not all of it", async () => {
  for (const [status, methods] of [
    [200, ["HEAD"]],
    [404, ["HEAD", "PUT"]],
    [308, ["HEAD", "PUT"]],
  ] as const) {
    const { api, requests } = answering(
      ({ method }) => new Response(null, { status: method === "HEAD" ? status : 201 }),
    );
    await api.putBlob(digest, new Uint8Array([1, 2]));
    expect(requests.map(({ method }) => method)).toEqual(methods);
  }
});

test("a run that nobody has started is undefined, not an error", async () => {
  const { api } = answering(() =>
    Response.json({ error: { code: "run", message: "there is no run" } }, { status: 404 }),
  );
  expect(await api.run(digest)).toBeUndefined();
});

test("a capability's address is whole, for a frame that has no origin", async () => {
  const { api } = answering(() =>
    Response.json({ url: "/b/random", digest, mediaType: "text/csv" }),
  );
  expect((await api.capability("data/a.csv", "frame")).url).toBe(`${origin}/b/random`);
});

test("an index of results that is none is an answer that is not believed", async () => {
  for (const body of ["", "{}", "\0\0\0\0"]) {
    const { api } = answering(() => new Response(body));
    await expect(api.results("book.html")).rejects.toMatchObject({ code: "bad-answer" });
  }
});
