import type { FaceEvent } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { type EventPage, noon, passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;

beforeEach(async () => {
  deps = await runtime();
});

async function list(query = "", token?: string): Promise<EventPage> {
  const answer = await deps.ask(`/v1/events?${query}`, token === undefined ? {} : { token });
  expect(answer.status, await answer.clone().text()).toBe(200);
  return answer.json() as Promise<EventPage>;
}

async function detail(query: string): Promise<string> {
  const answer = await deps.ask(`/v1/events?${query}`);
  expect(answer.status).toBe(400);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const problem = (await answer.json()) as { type: string; title: string; status: number; detail: string };
  expect(problem).toMatchObject({ type: "about:blank", title: "Bad Request", status: 400 });
  return problem.detail;
}

describe("one event", () => {
  it("an event has every member, and is equal in a list", async () => {
    await deps.deliver(passing());
    const { events, next } = await list();
    expect(next).toBeNull();
    const [event] = events;
    expect(event).toMatchObject({
      time: "2026-11-05T04:00:00.000Z",
      box: { id: "gate-1", serial: "BOX1" },
      person: { id: "77", name: "Ada", type: "employee" },
      enteredAt: null,
      pictures: {},
      actions: [],
    });
    const answer = await deps.ask(`/v1/events/${event?.id}`);
    expect(await answer.json()).toEqual(event);
  });

  it("an unknown event is not found", async () => {
    const answer = await deps.ask("/v1/events/evt_none");
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      title: "Not Found",
      detail: "there is no such event, or it has expired",
    });
  });

  it.each(["/v1/event", "/v1/events/", "/v1/events/evt_none/pictures/faces"])(
    "%s names the existing addresses",
    async (path) => {
      const answer = await deps.ask(path);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({
        detail: "there is nothing at this address; /docs lists what there is",
      });
    },
  );
});

it("missing events of a copy, and events outside a key's boxes, are named once each", async () => {
  await deps.deliver(passing());
  await deps.deliver(passing({ identity_id: "78" }), { box: "gate-2" });
  const [one = "", other = ""] = (await list()).events.map(({ id }) => id);
  const missing = async (ids: string[], token?: string) => {
    const asked = { method: "POST", body: JSON.stringify({ ids }), ...(token === undefined ? {} : { token }) };
    return deps.ask("/v1/events/missing", asked);
  };
  expect(await (await missing([one, "evt_none", other, "evt_none", "no id"])).json()).toEqual({
    missing: ["evt_none", "no id"],
  });
  await deps.ask(`/v1/events/${one}`, { method: "DELETE" });
  expect(await (await missing([one, other])).json()).toEqual({ missing: [one] });
  const made = await deps.ask("/v1/keys", { method: "POST", body: '{"scope":"read","boxes":["gate-9"]}' });
  const { token } = (await made.json()) as { token: string };
  expect(await (await missing([other], token)).json()).toEqual({ missing: [other] });
  expect(await (await missing(Array(201).fill(one))).json()).toMatchObject({
    detail: "ids: must have 200 values at most",
  });
});

describe("filters", () => {
  const ids = (events: FaceEvent[]) => events.map((event) => event.person.id);

  beforeEach(async () => {
    await deps.deliver(passing());
    await deps.deliver(
      passing({ identity_id: "78", identity_name: "Grace", timestamp: noon + 1000, want_action: "1002" }),
    );
    await deps.deliver(passing({ identity_id: "79", extData: { person_type: 5, device_ip: "10.0.0.8" } }), {
      box: "门-2",
    });
    await deps.deliver(passing({ identity_id: "80", reg_pic: "no picture", timestamp: noon - 1000 }));
  });

  it.each([
    ["person=78", ["78"]],
    ["type=vip", ["79"]],
    ["device=10.0.0.8", ["79"]],
    ["device=BOX1__10.0.0.2&type=vip", ["79"]],
    [`box=${encodeURIComponent("门-2")}`, ["79"]],
    ["action=1002", ["78"]],
    ["flag=picture-unreadable:registered", ["80"]],
    ["q=gra", ["78"]],
    ["type=vip&type=employee&person=79&person=78", ["78", "79"]],
    ["flag=clock&flag=picture-unreadable:registered&flag=clock", ["80"]],
    ["q=ada&type=employee&to=2026-11-05T04:00:00Z", ["80"]],
    [`from=${noon}&person=78`, ["78"]],
    ["from=2026-11-05T12:00:01%2B08:00", ["78"]],
    ["from=2026-11-05T12:00:01+08:00", ["78"]],
    [`to=${noon}`, ["80"]],
    ["person=", undefined],
  ])("%s", async (query, found) => {
    if (found === undefined) expect(await detail(query)).toContain("person: must not be empty");
    else expect(ids((await list(query)).events)).toEqual(found);
  });

  it("filters accept ids of persons and devices as long as an erasure accepts", async () => {
    const [person, device] = ["7".repeat(1024), "d".repeat(1024)];
    await deps.deliver(passing({ identity_id: person, extData: { ep_id: device } }));
    expect((await list(`person=${person}&device=${device}`)).events).toHaveLength(1);
    expect(await detail(`person=${person}7`)).toBe("person: must have 1024 characters at most");
  });

  it("a time range that ends before it begins finds nothing", async () => {
    for (const from of [noon, noon + 1]) {
      expect(await list(`from=${from}&to=${noon}`)).toEqual({ events: [], next: null });
      const count = await deps.ask(`/v1/events/count?from=${from}&to=${noon}`);
      expect(await count.json()).toEqual({ count: 0, isExact: true });
    }
  });

  it("filtered events are listed newest first", async () => {
    const { events } = await list();
    expect(events.map((event) => event.timestamp)).toEqual([noon + 1000, noon, noon, noon - 1000]);
  });
});

describe("beside the list", () => {
  const told = async (path: string) => {
    const answer = await deps.ask(path);
    return answer.status === 200 ? answer.json() : answer.status;
  };

  beforeEach(async () => {
    for (let n = 0; n < 3; n++) await deps.deliver(passing({ identity_id: `${n}`, timestamp: noon + n }));
  });

  it("the count of a filter is given", async () => {
    expect(await told("/v1/events/count")).toEqual({ count: 3, isExact: true });
    expect(await told("/v1/events/count?person=1&person=2")).toEqual({ count: 2, isExact: true });
    expect(await told("/v1/events/count?limit=1")).toBe(400);
  });

  it("the neighbours of an event are the newer and the older event", async () => {
    const [newest, middle, oldest] = (await list()).events.map(({ id }) => id);
    expect(await told(`/v1/events/${middle}/neighbours`)).toEqual({ newer: newest, older: oldest });
    expect(await told(`/v1/events/${middle}/neighbours?person=0`)).toEqual({ newer: null, older: oldest });
    expect(await told("/v1/events/evt_none/neighbours")).toBe(404);
  });

  it("filters that a store must scan for need a range", async () => {
    deps.deps.rangeFor = ["type"];
    const { events } = await list();
    for (const path of ["count", `${events[0]?.id}/neighbours`]) {
      expect(await told(`/v1/events/${path}?type=vip`)).toBe(400);
      expect(await told(`/v1/events/${path}?type=vip&from=0&to=${noon}`)).not.toBe(400);
    }
  });
});

describe("pages", () => {
  beforeEach(async () => {
    for (let n = 0; n < 7; n++) await deps.deliver(passing({ identity_id: `${n}`, timestamp: noon + n }));
  });

  it("pages contain every event once, also while others arrive", async () => {
    const seen: (string | null)[] = [];
    let next: string | null = "";
    while (next !== null) {
      const page: EventPage = await list(`limit=3${next && `&cursor=${next}`}`);
      seen.push(...page.events.map((event) => event.person.id));
      next = page.next;
      await deps.deliver(passing({ identity_id: `late-${seen.length}`, timestamp: noon + 60_000 }));
    }
    expect(seen).toEqual(["6", "5", "4", "3", "2", "1", "0"]);
  });

  it("pages may change their size between requests", async () => {
    const { next } = await list("limit=3");
    expect((await list(`limit=500&cursor=${next}`)).events).toHaveLength(4);
  });

  it("a cursor of another filter or list, and a changed one, are refused", async () => {
    const { next } = await list("limit=3");
    const refusal = "cursor: it is not from this list with this filter";
    expect(await detail(`limit=3&type=employee&cursor=${next}`)).toContain(refusal);
    expect(await detail(`cursor=${next?.slice(0, -1)}`)).toContain(refusal);
    expect(await detail("cursor=AAAA")).toContain(refusal);
    const answer = await deps.ask(`/v1/quarantine?cursor=${next}`);
    expect(answer.status).toBe(400);
  });

  it("a cursor signed with another secret is refused", async () => {
    const { next } = await list("limit=3");
    deps.deps.cursorSecret = Buffer.alloc(32, 8);
    expect(await detail(`cursor=${next}`)).toContain("cursor");
  });
});

describe("a parameter", () => {
  it.each([
    ["limit=0", "limit: must be a whole number from 1 to 500"],
    ["limit=501", "limit: must be a whole number from 1 to 500"],
    ["limit=1e2", "limit: must be"],
    ["from=yesterday", "from: must be a time with its zone"],
    ["from=2026-11-05T12:00:00", "from: must be a time with its zone"],
    ["to=9999999999999999", "to: must be a time"],
    ["type=robot", "type: "],
    ["form=1", 'unknown parameter "form"; known are from, to, box'],
    ["__proto__=1&toString=2", 'unknown parameter "__proto__", "toString"'],
    ["q=a&q=b", 'give the parameter "q" once'],
    ["type=vip&type=robot", "type: "],
    ["box=a&box=", "box: must not be empty"],
    [Array.from({ length: 21 }, (_, n) => `box=${n}`).join("&"), "box: give 20 values at most"],
    [`q=${"x".repeat(257)}`, "q: "],
  ])("%s is refused, and named", async (query, refusal) => {
    expect(await detail(query)).toContain(refusal);
  });
});
