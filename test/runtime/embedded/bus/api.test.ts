import { hashToken, newToken, type Scope } from "@gatepost/core/keys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runtime as withoutDeadLetters } from "../../../unit/api/support.ts";
import { type ClockedRuntime, clockedRuntime } from "./clocked-runtime.ts";

let deps: ClockedRuntime;
beforeEach(async () => {
  deps = await clockedRuntime();
});
afterEach(() => deps.close());

async function keyOf(scope: Scope): Promise<string> {
  const token = newToken(scope);
  const box = scope === "ingest" ? "gate-1" : null;
  await deps.runtime.reads.keyAdmin.create({ scope, box, tokenHash: hashToken(token) });
  return token;
}

async function settle(id: string, body: unknown, token = deps.runtime.adminToken) {
  const request = new Request(`http://gatepost/v1/actions/${id}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const answer = await deps.runtime.api.fetch(request);
  return { status: answer.status, body: await answer.json() };
}

describe("the outcome of an action", () => {
  it("is reported with an admin key, and the answer has the new state", async () => {
    const { id } = await deps.announce("a");
    const answer = await settle(id, { state: "failed", note: "没有此人" }, await keyOf("admin"));
    expect(answer).toEqual({
      status: 200,
      body: {
        id,
        wantAction: "1001",
        name: "register-stranger",
        state: "failed",
        approval: null,
        decline: null,
        reason: "没有此人",
        at: expect.any(String),
        eventId: expect.stringMatching(/^evt_/),
        told: false,
        box: "gate-1",
        history: [
          { state: "pending", at: expect.any(String) },
          {
            state: "failed",
            at: expect.any(String),
            reason: "没有此人",
            by: expect.stringMatching(/^key_/),
            byName: null,
          },
        ],
      },
    });
    expect(await settle(id, { state: "done" })).toMatchObject({ status: 200, body: { state: "done", reason: null } });
    expect(await settle(id, { state: "done" })).toMatchObject({ status: 200 });
    expect(await settle(id, { state: "failed" })).toMatchObject({ status: 409 });
  });

  it("is refused with a read key to everything", async () => {
    const { id } = await deps.announce("a");
    const answer = await settle(id, { state: "failed" }, await keyOf("read"));
    expect(answer).toMatchObject({ status: 403 });
  });

  it.each([
    ["another state", { state: "pending" }],
    ["no state", { note: "x" }],
    ["an unknown member", { state: "done", reason: "x" }],
    ["a note of another type", { state: "done", note: 7 }],
    ["a note over 1 KB", { state: "done", note: "没".repeat(342) }],
    ["no JSON", "done"],
    ["nothing", ""],
  ])("is refused with %s", async (_, body) => {
    const { id } = await deps.announce("a");
    expect(await settle(id, body)).toMatchObject({ status: 400 });
  });

  it("may have a note of 1 KB", async () => {
    const { id } = await deps.announce("a");
    expect(await settle(id, { state: "done", note: "x".repeat(1024) })).toMatchObject({ status: 200 });
  });

  it.each(["act_nonsense", `act_${"0".repeat(26)}_1001`, "%2e%2e"])(
    "is refused for %s, which is unknown",
    async (id) => {
      expect(await settle(id, { state: "done" })).toMatchObject({ status: 404 });
    },
  );

  it("is refused from a box", async () => {
    const { id } = await deps.announce("a");
    expect(await settle(id, { state: "done" }, await keyOf("ingest"))).toMatchObject({ status: 403 });
    expect(await settle(id, { state: "done" }, "none")).toMatchObject({ status: 401 });
  });
});

it.each([
  ["GET", "/v1/deadletters"],
  ["POST", "/v1/deadletters/1/send"],
  ["POST", "/v1/deadletters/send"],
  ["GET", "/v1/deliveries"],
])("%s %s names the right place if the bus is not Gatepost's", async (method, path) => {
  const { ask } = await withoutDeadLetters();
  const answer = await ask(path, { method });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ detail: expect.stringContaining("SQS") });
});

it("a key in a subscriber's answer is masked", async () => {
  const { id } = await deps.announce("a");
  const key = newToken("read");
  expect(await settle(id, { state: "failed", note: `no ${key}` })).toMatchObject({
    body: { reason: `no ${"*".repeat(31)}` },
  });
});
