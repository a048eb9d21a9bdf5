import { beforeEach, describe, expect, it } from "vitest";
import { noon, passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;

beforeEach(async () => {
  deps = await runtime();
});

async function deliver(id: string, box = "gate-1", timestamp = noon): Promise<string> {
  const [outcome] = await deps.deliver(passing({ identity_id: id, timestamp }), { box });
  return outcome?.event?.id ?? "";
}

const erase = (path: string) => deps.ask(path, { method: "DELETE" });

describe("an event", () => {
  it("an event is erased once, and then not found", async () => {
    const id = await deliver("77");
    const answer = await erase(`/v1/events/${id}`);
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
    expect((await deps.ask(`/v1/events/${id}`)).status).toBe(404);
    expect((await erase(`/v1/events/${id}`)).status).toBe(404);
  });

  it("a read key cannot erase an event", async () => {
    const id = await deliver("77");
    const refused = await deps.ask(`/v1/events/${id}`, { method: "DELETE", token: deps.tokens.read });
    expect(refused.status).toBe(403);
    expect((await deps.ask(`/v1/events/${id}`)).status).toBe(200);
  });
});

describe("a person", () => {
  beforeEach(async () => {
    await deliver("77");
    await deliver("77", "gate-1", noon + 1);
    await deliver("77", "gate-2");
    await deliver("78");
  });

  it("a person is erased at one box, then at all", async () => {
    expect(await (await erase("/v1/people?id=77&box=gate-1")).json()).toMatchObject({ erased: 2 });
    expect(await (await erase("/v1/people?id=77&all=1")).json()).toMatchObject({ erased: 1 });
    expect(await (await erase("/v1/people?id=77&all=1")).json()).toMatchObject({ erased: 0 });
    expect(await (await deps.ask("/v1/events")).json()).toMatchObject({ events: [{ person: { id: "78" } }] });
  });

  it("the log does not name an erased person", async () => {
    await erase("/v1/people?id=77&all=1");
    expect(deps.lines).toContainEqual({ level: "info", message: "person erased", facts: { box: null, erased: 3 } });
  });

  it.each(["id=77", "id=77&box=gate-1&all=1", "all=1", "id=&all=1", "id=77&all=yes"])(
    "?%s is refused",
    async (query) => {
      expect((await erase(`/v1/people?${query}`)).status).toBe(400);
      expect(await (await deps.ask("/v1/events")).json()).toHaveProperty("events.length", 4);
    },
  );
});
