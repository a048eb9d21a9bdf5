import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { doJobs } from "../../support/memory/jobs.ts";
import { passing, runtime, type TestRuntime } from "./support.ts";

const listed = z.object({
  removals: z.array(z.object({ id: z.string(), box: z.string(), person: z.string().nullable(), state: z.string() })),
});
const receipt = z.object({
  result: z.object({
    removals: z.object({
      asked: z.int(),
      boxes: z.array(z.object({ box: z.string(), state: z.string(), reason: z.string().nullable() })),
    }),
  }),
});

let deps: TestRuntime;
beforeEach(async () => {
  deps = await runtime();
  for (const box of ["gate-2", "gate-3"]) deps.ingest.addKey("ingest", box);
  await deps.deliver(passing());
});

async function erase(body: object): Promise<string> {
  const answer = await deps.ask("/v1/jobs", {
    method: "POST",
    body: JSON.stringify({ kind: "erase", person: "77", ...body }),
  });
  expect(answer.status).toBe(202);
  const { id } = z.object({ id: z.string() }).parse(await answer.json());
  await doJobs(deps.deps);
  return id;
}

const removals = async (token = deps.tokens.admin) =>
  listed.parse(await (await deps.ask("/v1/removals", { token })).json()).removals;
const receiptOf = async (id: string) => receipt.parse(await (await deps.ask(`/v1/jobs/${id}`)).json()).result.removals;
const end = (id: string, body: object, token = deps.tokens.admin) =>
  deps.ask(`/v1/removals/${id}`, { method: "POST", token, body: JSON.stringify(body) });

describe("an erasure", () => {
  it("an erasure asks no box unless requested, and reports this", async () => {
    const id = await erase({ boxes: ["gate-1"] });
    expect(await removals()).toEqual([]);
    expect(await receiptOf(id)).toEqual({ asked: 0, boxes: [] });
  });

  it("an erasure asks the named boxes, or all, and counts them on the receipt", async () => {
    expect((await receiptOf(await erase({ boxes: ["gate-1", "gate-2"], fromBoxes: true }))).asked).toBe(2);
    const id = await erase({ all: true, fromBoxes: true });
    const { asked, boxes } = await receiptOf(id);
    expect([asked, boxes.map(({ box, state }) => `${box} ${state}`).sort()]).toEqual([
      3,
      ["gate-1 waiting", "gate-2 waiting", "gate-3 waiting"],
    ]);
    expect(await removals()).toHaveLength(5);
  });

  it("the receipt shows the result of removals, and the person's id is deleted", async () => {
    const id = await erase({ boxes: ["gate-1", "gate-2"], fromBoxes: true });
    const [first, second] = await removals();
    expect([first?.person, first?.state]).toEqual(["77", "waiting"]);
    expect((await end(first?.id ?? "", { state: "done" })).status).toBe(200);
    const failed = await end(second?.id ?? "", { state: "failed", note: "The box does not answer." });
    expect(await failed.json()).toMatchObject({ person: null, state: "failed", reason: "The box does not answer." });
    expect((await receiptOf(id)).boxes.map(({ state, reason }) => [state, reason]).sort()).toEqual([
      ["done", null],
      ["failed", "The box does not answer."],
    ]);
    const stored = await deps.ingest.items.getAll([first, second].map((one) => `removal ${one?.id}`));
    expect(stored.size).toBe(2);
    expect(JSON.stringify([...stored.values()])).not.toContain('"77"');
  });

  it("fromBoxes with any value but true is refused", async () => {
    const body = JSON.stringify({ kind: "erase", person: "77", all: true, fromBoxes: false });
    expect((await deps.ask("/v1/jobs", { method: "POST", body })).status).toBe(400);
  });
});

describe("removals", () => {
  it("admin keys see all removals, and limited read keys those of their boxes", async () => {
    await erase({ all: true, fromBoxes: true });
    const token = deps.ingest.addKey("read", null, { boxes: ["gate-2"] });
    const [own, ...others] = await removals(token);
    expect([own?.box, others]).toEqual(["gate-2", []]);
    const other = (await removals()).find(({ box }) => box === "gate-1");
    expect((await end(other?.id ?? "", { state: "done" }, token)).status).toBe(404);
    expect((await end(own?.id ?? "", { state: "done" }, token)).status).toBe(200);
    for (const asked of [
      deps.ask("/v1/removals", { token: deps.tokens.read }),
      end(own?.id ?? "", { state: "done" }, deps.tokens.read),
    ]) {
      expect((await asked).status).toBe(403);
    }
  });

  it.each([{ state: "waiting" }, { state: "done", note: "x".repeat(201) }, { state: "done", person: "77" }, {}])(
    "a removal is not ended by %j",
    async (body) => {
      await erase({ boxes: ["gate-1"], fromBoxes: true });
      const [one] = await removals();
      expect((await end(one?.id ?? "", body)).status).toBe(400);
      expect(await removals()).toHaveLength(1);
    },
  );

  it("an unknown removal is not found", async () => {
    expect((await end("rem_none", { state: "done" })).status).toBe(404);
  });
});
