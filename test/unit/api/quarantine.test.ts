import { beforeEach, describe, expect, it } from "vitest";
import { type EventPage, jpeg, noon, passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;

beforeEach(async () => {
  deps = await runtime();
});

interface Records {
  records: { id: string; box: string }[];
  next: string | null;
  dropped: Record<string, number>;
}

async function list(query = ""): Promise<Records> {
  return (await (await deps.ask(`/v1/quarantine?${query}`)).json()) as Records;
}

async function keep(body: unknown, options = {}): Promise<string> {
  const [outcome] = await deps.deliver(body, options);
  return outcome?.quarantined?.id ?? "";
}

function replayed(id: string) {
  return deps.ask(`/v1/quarantine/${id}/replay`, { method: "POST" });
}

describe("the list", () => {
  it("the list gives everything except the bodies, and the dropped records", async () => {
    const id = await keep({ hello: "world" });
    deps.deps.quarantine.dropped = async () => ({ "gate-9": 3 });
    expect(await list()).toEqual({
      records: [
        {
          id,
          box: "gate-1",
          path: "/HistoryEvent",
          reason: expect.any(String),
          receivedAt: new Date(noon + 500).toISOString(),
          headers: {},
          event: null,
          bytes: 17,
          replay: null,
        },
      ],
      next: null,
      dropped: { "gate-9": 3 },
    });
  });

  it("the list has pages, and filters by box", async () => {
    for (let n = 0; n < 5; n++) await keep({ n }, { box: n % 2 === 0 ? "even" : "odd", receivedAt: noon + n });
    const first = await list("box=even&limit=2");
    const second = await list(`box=even&limit=2&cursor=${first.next}`);
    expect([...first.records, ...second.records].map((record) => record.box)).toEqual(["even", "even", "even"]);
    expect(second.next).toBeNull();
  });
});

describe("a record", () => {
  it("a body that is text is given as text", async () => {
    const id = await keep({ hello: "世界" });
    expect(await (await deps.ask(`/v1/quarantine/${id}`)).json()).toMatchObject({ id, body: '{"hello":"世界"}' });
  });

  it("any other body is given as base64", async () => {
    const id = await keep(jpeg("no report"));
    const shown = await (await deps.ask(`/v1/quarantine/${id}`)).json();
    expect(shown).toMatchObject({ id, bodyBase64: jpeg("no report").toString("base64") });
    expect(shown).not.toHaveProperty("body");
  });

  const link = { url: "https://bucket/body?signed", expires: new Date(noon).toISOString() };

  it.each([
    ["a text", (bytes: number) => Buffer.alloc(bytes, "x")],
    ["any other body", (bytes: number) => Buffer.alloc(bytes / 2, 0xff)],
    ["a text of escapes", (bytes: number) => Buffer.alloc(bytes / 4, "\u0001")],
  ])("a body too large for an answer has a link to %s, if links exist", async (_, bodyOf) => {
    const [fits, large] = [await keep(bodyOf(2 * 1024 * 1024)), await keep(bodyOf(6 * 1024 * 1024))];
    deps.deps.quarantineLinks = { link: async ({ id }) => ({ ...link, url: `${link.url}&${id}` }) };
    const shown = async (id: string) => (await deps.ask(`/v1/quarantine/${id}`)).json();
    expect(await shown(fits)).not.toHaveProperty("bodyLink");
    const facts = { id: large, bytes: bodyOf(6 * 1024 * 1024).length, reason: expect.any(String), headers: {} };
    const { body, bodyBase64, ...answer } = (await shown(large)) as { body?: string; bodyBase64?: string };
    expect([body, bodyBase64]).toEqual([undefined, undefined]);
    expect(answer).toMatchObject({ ...facts, bodyLink: { ...link, url: `${link.url}&${large}` } });
    deps.deps.quarantineLinks = null;
    expect(await shown(large)).not.toHaveProperty("bodyLink");
  });

  it("an unknown record is not found", async () => {
    expect((await deps.ask("/v1/quarantine/none")).status).toBe(404);
    expect((await replayed("none")).status).toBe(404);
  });

  it("the store is not asked for an id that no record has", async () => {
    deps.deps.quarantine.get = async () => {
      throw new Error("the key is too long");
    };
    for (const path of ["", "/values", "/sample", "/pictures/photo"])
      expect((await deps.ask(`/v1/quarantine/qrt_${"x".repeat(3000)}${path}`)).status).toBe(404);
  });
});

describe("a replay", () => {
  it("a replay that fails again leaves the record as it is", async () => {
    const id = await keep({ hello: "world" });
    const answer = (await (await replayed(id)).json()) as object;
    expect(answer).toEqual({ id, outcome: "kept", events: [], quarantined: [{ id, reason: expect.any(String) }] });
    expect((await list()).records).toHaveLength(1);
  });

  it("a successful replay makes the event as first received, and removes the record", async () => {
    // As if it had arrived before its form was known.
    const body = Buffer.from(JSON.stringify(passing()));
    const record = { id: "qrt_1", box: "gate-1", path: "/HistoryEvent", reason: "unknown", headers: {}, event: null };
    await deps.quarantine.put({ ...record, receivedAt: noon + 5, body });
    const answer = (await (await replayed("qrt_1")).json()) as { events: { id: string }[] };
    expect(answer).toMatchObject({ id: "qrt_1", outcome: "stored", events: [{ outcome: "created" }], quarantined: [] });
    expect((await list()).records).toEqual([]);
    const { events } = (await (await deps.ask("/v1/events")).json()) as EventPage;
    expect(events[0]).toMatchObject({ id: answer.events[0]?.id, receivedAt: new Date(noon + 5).toISOString() });
  });

  it("a replay of a nested list reports its content as kept, under a new id", async () => {
    const body = Buffer.from("[[1]]");
    const record = { id: "qrt_1", box: "gate-1", path: "/HistoryEvent", reason: "unknown", headers: {}, event: null };
    await deps.quarantine.put({ ...record, receivedAt: noon + 5, body });
    const answer = (await (await replayed("qrt_1")).json()) as { outcome: string; quarantined: { id: string }[] };
    expect(answer).toMatchObject({ outcome: "kept", events: [], quarantined: [{ reason: "not-an-object" }] });
    expect((await list()).records.map(({ id }) => id)).toEqual(answer.quarantined.map(({ id }) => id));
  });

  it("a replay of an event with an unreadable picture reports both", async () => {
    const id = await keep(passing({ reg_pic: "no picture" }));
    const [record] = (await list()).records;
    expect(record).toMatchObject({ id, event: { id: expect.stringMatching(/^evt_/) } });
    expect(record).not.toHaveProperty("event.signature");
    expect(await (await replayed(id)).json()).toMatchObject({ outcome: "kept", events: [{ outcome: "duplicate" }] });
  });
});

it("actions are listed by their state", async () => {
  await deps.deliver(passing({ want_action: "1002" }));
  await deps.deliver(
    passing({ want_action: "1001", extData: { person_type: 4, box_fiqa_info: { fiqa_result: false } } }),
  );
  const states = async (query: string) => {
    const answer = (await (await deps.ask(`/v1/actions?${query}`)).json()) as { actions: { state: string }[] };
    return answer.actions.map((action) => action.state);
  };
  expect(await states("")).toHaveLength(2);
  expect(await states("state=pending")).toEqual(["pending"]);
  expect(await states("state=withheld")).toEqual(["withheld"]);
  expect((await deps.ask("/v1/actions?state=lost")).status).toBe(400);
});
