import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { noon, passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;
const page = z.object({
  events: z.array(z.looseObject({ id: z.string(), reports: z.array(z.unknown()) })),
  next: z.string(),
  more: z.boolean(),
});

beforeEach(async () => {
  deps = await runtime();
  for (let n = 0; n < 5; n++) await deps.deliver(passing({ identity_id: `${n}`, timestamp: noon - n }));
});

async function read(query = ""): Promise<z.output<typeof page>> {
  return page.parse(await (await deps.ask(`/v1/events?order=received${query}`, { token: deps.tokens.read })).json());
}

async function refusal(query: string): Promise<string> {
  const answer = await deps.ask(`/v1/events?${query}`);
  expect(answer.status).toBe(400);
  return z.object({ detail: z.string() }).parse(await answer.json()).detail;
}

describe("the feed of changes", () => {
  it("the feed gives events in the order of arrival, not of their times", async () => {
    const first = await read("&limit=3");
    expect([first.events.length, first.more]).toEqual([3, true]);
    const second = await read(`&limit=3&after=${first.next}`);
    expect([second.events.length, second.more]).toEqual([2, false]);
    expect([...first.events, ...second.events].map(({ timestamp }) => timestamp)).toEqual(
      [0, 1, 2, 3, 4].map((n) => noon - n),
    );
  });

  it("polling from the last cursor gives the events that changed since", async () => {
    const { next } = await read();
    expect(await read(`&after=${next}`)).toEqual({ events: [], next, more: false });
    await deps.deliver(passing({ identity_id: "3", timestamp: noon - 3 }), { path: "/RealTimeEvent" });
    await deps.deliver(
      { identity_id: "3", timestamp: noon - 3, ext_data: { device_ip: "10.0.0.7", person_type: 1 } },
      { path: "/RealTimeEvent" },
    );
    const { events } = await read(`&after=${next}`);
    expect(events.map(({ reports }) => reports.length)).toEqual([2]);
  });

  it("the feed begins at its end on request", async () => {
    const { next, ...rest } = await read("&after=end");
    expect(rest).toEqual({ events: [], more: false });
    await deps.deliver(passing({ identity_id: "9", timestamp: noon }));
    expect((await read(`&after=${next}`)).events).toHaveLength(1);
  });

  it("the feed and the list refuse each other's cursors", async () => {
    const list = z.object({ next: z.string() }).parse(await (await deps.ask("/v1/events?limit=2")).json());
    expect(await refusal(`order=received&after=${list.next}`)).toMatch(/^after: it is not from this list/);
    const { next } = await read("&limit=2");
    expect(await refusal(`limit=2&cursor=${next}`)).toMatch(/^cursor: it is not from this list/);
    expect(await refusal("order=received&after=AAAA")).toMatch(/^after: /);
  });

  it.each([
    ["order=received&box=gate-1", "box: order=received takes after, limit, wait, with=counts and with=checks alone"],
    ["order=received&with=seen", "with=seen: order=received takes after"],
    ["order=received&cursor=x", "cursor: order=received takes after"],
    ["after=x", "after: it goes with order=received"],
    ["order=time&after=x", "after: it goes with order=received"],
    ["order=newest", "order: "],
  ])("%s is refused", async (query, why) => {
    expect(await refusal(query)).toContain(why);
  });
});

describe("a store that must scan for a filter", () => {
  beforeEach(() => {
    deps.deps.rangeFor = ["flag", "q"];
  });

  it("such a filter needs a range", async () => {
    expect(await refusal("q=ada")).toBe("q: give from and to as well; every event between them is looked at");
    expect(await refusal(`flag=clock&from=${noon}`)).toContain("flag: give from and to");
    expect((await deps.ask(`/v1/events?q=ada&from=${noon - 1}&to=${noon + 1}`)).status).toBe(200);
    expect((await deps.ask("/v1/events?box=gate-1")).status).toBe(200);
  });
});
