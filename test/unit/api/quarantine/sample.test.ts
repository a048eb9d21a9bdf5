import { expect, it } from "vitest";
import { passing, runtime } from "../support.ts";

interface SharedAnswer {
  path: string;
  body: string;
  kept: string[];
}

async function kept(code: string, { box = "gate-1", more = {} } = {}) {
  const deps = await runtime();
  const keep = async (personCode: string, members = {}) => {
    const [outcome] = await deps.deliver({ personCode, way: "inbound", ...members }, { box });
    return outcome?.quarantined?.id ?? "";
  };
  for (const other of ["5501", "5502"]) await keep(other);
  return { deps, id: await keep(code, more) };
}

it("gives the report with other values, and the values that stay", async () => {
  const { deps, id } = await kept("5503", { more: { type: 1, at: "2026-11-05 08:00:00" } });
  const answer = (await (await deps.ask(`/v1/quarantine/${id}/sample`)).json()) as SharedAnswer;
  expect(answer).toEqual({ id, path: "/HistoryEvent", headers: {}, body: expect.any(String), kept: ["1", "inbound"] });
  const value = JSON.parse(answer.body);
  expect(value).toEqual({
    personCode: expect.stringMatching(/^(?!5503)\d{4}$/),
    way: "inbound",
    type: 1,
    at: expect.stringMatching(/^(?!2026-11-05)\d{4}-\d\d-\d\d \d\d:\d\d:00$/),
  });
});

it("counts the pictures of the report as shown, as reading it does", async () => {
  const { deps, id } = await kept("5503");
  const counted: unknown[] = [];
  deps.deps.audit.countPictures = async (...of) => void counted.push(of);
  await deps.ask(`/v1/quarantine/${id}`);
  await deps.ask(`/v1/quarantine/${id}/sample`);
  expect(counted).toEqual([
    [expect.any(String), 1],
    [expect.any(String), 1],
  ]);
});

it("is for those who may read the report", async () => {
  const { deps, id } = await kept("5503");
  const status = async (path: string, token: string) => (await deps.ask(path, { token })).status;
  expect(await status(`/v1/quarantine/${id}/sample`, deps.tokens.read)).toBe(200);
  expect(await status(`/v1/quarantine/${id}/sample`, deps.tokens.ingest)).toBe(403);
  expect(await status("/v1/quarantine/none/sample", deps.tokens.admin)).toBe(404);
});

it("refuses a report that is too much with a sentence", async () => {
  const deps = await runtime();
  const [outcome] = await deps.deliver(Buffer.alloc(5 * 1024 * 1024, "x"));
  const answer = await deps.ask(`/v1/quarantine/${outcome?.quarantined?.id}/sample`);
  expect([answer.status, await answer.json()]).toMatchObject([
    413,
    { detail: "no sample can be made of this report: it has over 4 MB" },
  ]);
  const [cut] = await deps.deliver(passing({ note: "Anna ".repeat(3000) }));
  expect((await deps.ask(`/v1/quarantine/${cut?.quarantined?.id}/sample`)).status).toBe(200);
});

it("only one sample at a time is made for a key", async () => {
  const deps = await runtime();
  const [outcome] = await deps.deliver("what is this?");
  const path = `/v1/quarantine/${outcome?.quarantined?.id}/sample`;
  const { sample } = deps.deps;
  const [reached, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  deps.deps.sample = async (...asked) => {
    reached.resolve();
    await ended.promise;
    return sample(...asked);
  };
  const first = deps.ask(path);
  await reached.promise;
  const second = await deps.ask(path);
  expect([second.status, second.headers.get("retry-after")]).toEqual([429, "2"]);
  const ofOther = deps.ask(path, { token: deps.tokens.read });
  ended.resolve();
  expect([(await first).status, (await ofOther).status]).toEqual([200, 200]);
  expect((await deps.ask(path)).status).toBe(200);
});
