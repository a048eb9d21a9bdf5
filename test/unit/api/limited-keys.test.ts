import type { DeadLetters } from "@gatepost/core/deliveries";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { limitedPorts } from "../../../packages/api/src/access/limited-ports.ts";
import { seenPage } from "../../../packages/api/src/access/seen-boxes.ts";
import { apiDocument } from "../../../packages/api/src/api.ts";
import type { Operation } from "../../../packages/api/src/openapi/document.ts";
import type { Page, PageRequest } from "../../../packages/core/src/lists/page.ts";
import { exampleApproval } from "../../support/examples.ts";
import {
  exampleRules,
  noon,
  passing,
  requestOf,
  runtime,
  seeds,
  seen,
  type TestRuntime,
  withExamples,
} from "./support.ts";

const document = apiDocument();

/** Every route of the document that a key opens. A new one is among them as soon as it is documented. */
const keyed: [name: string, method: string, path: string, operation: Operation][] = Object.entries(
  document.paths,
).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([, { security }]) => security.length > 0)
    .map(([method, operation]): (typeof keyed)[number] => [
      operation.operationId,
      method.toUpperCase(),
      path,
      operation,
    ]),
);

/** The parts that differ between any two answers. */
const chance = /"(ticket|expires)":"[^"]*"|job_\w{24}/g;

async function answerTo(deps: TestRuntime, [, method, path, operation]: (typeof keyed)[number], token: string) {
  const { address, ...sent } = requestOf(path, operation);
  // The values of a sample are random.
  deps.deps.sample = async (record) => ({ ...record, kept: [] });
  const answer = await deps.ask(address, { method, token, ...sent });
  return { status: answer.status, text: (await answer.text()).replaceAll(chance, "") };
}

const noDeadLetters: DeadLetters = {
  list: async () => ({ items: [], next: null }),
  send: async () => "unknown",
  sendAll: async () => 0,
};

/** Nothing is stored, and the stand-ins for stores are empty, too. */
async function withNothing(): Promise<TestRuntime> {
  const deps = await runtime();
  deps.deps.deadLetters = noDeadLetters;
  deps.deps.deliveries = {
    list: async () => ({ items: [], next: null }),
    ofEvents: async () => new Map(),
    send: async () => "unknown",
  };
  deps.deps.rules = { ...exampleRules, read: async () => ({ version: "v2", rules: [], faults: [] }) };
  return deps;
}

/** Routes for bridges, which a read key of every box may not use. */
const forLimited = ["updateAction", "listRemovals", "updateRemoval"];

describe.each(keyed)("%s", (...route) => {
  it("a key of another box is answered as if nothing were stored", async () => {
    const [full, empty] = [await withExamples(), await withNothing()];
    const [atFull, atEmpty] = [full, empty].map((deps) => deps.ingest.addKey("read", null, { boxes: ["gate-2"] }));
    expect(await answerTo(full, route, atFull ?? "")).toEqual(await answerTo(empty, route, atEmpty ?? ""));
  });

  it("a key of the box is answered as any read key", async () => {
    const [limited, free] = [await withExamples(), await withExamples()];
    const [some, all] = [
      limited.ingest.addKey("read", null, { boxes: ["gate-2", "gate-1"] }),
      free.ingest.addKey("read", null),
    ];
    const withoutBoxes = (text: string) => text.replace(',"boxes":["gate-2","gate-1"]', "");
    const answer = await answerTo(limited, route, some);
    const atAll = await answerTo(free, route, all);
    if (route[0] === "listRules") return expect(JSON.parse(answer.text)).toMatchObject({ rules: [], faults: [] });
    if (forLimited.includes(route[0])) return expect([answer.status, atAll.status]).toEqual([200, 403]);
    // The example names a rule.
    if (route[0] === "listDeadletters") return expect(JSON.parse(answer.text).deadletters).toEqual([]);
    const withoutRules = atAll.text.replaceAll(/"rule":"[^"]+"/g, '"rule":null');
    expect({ ...answer, text: withoutBoxes(answer.text) }).toEqual({ ...atAll, text: withoutRules });
  });
});

describe("a key that is limited to boxes", () => {
  let deps: TestRuntime;
  let token: string;
  beforeEach(async () => {
    deps = await runtime();
    token = deps.ingest.addKey("read", null, { boxes: ["gate-2"] });
    for (let n = 0; n < 30; n++) {
      await deps.deliver(passing({ identity_id: `1-${n}`, timestamp: noon + n }), { box: "gate-1" });
    }
    for (let n = 0; n < 3; n++) {
      await deps.deliver(passing({ identity_id: `2-${n}`, timestamp: noon + n * 10, want_action: "1002" }), {
        box: "gate-2",
      });
    }
  });

  const personsAt = async (path: string, wanted: (page: { next: string | null; more?: boolean }) => string | null) => {
    const persons: string[] = [];
    let pages = 0;
    for (let next: string | null = path; next !== null; pages++) {
      const answer = await deps.ask(next, { token });
      expect(answer.status).toBe(200);
      const page = (await answer.json()) as { events: { person: { id: string } }[]; next: string; more?: boolean };
      persons.push(...page.events.map(({ person }) => person.id));
      next = wanted(page);
    }
    return { persons, pages };
  };

  it("a limited key pages through its own events only", async () => {
    const { persons, pages } = await personsAt("/v1/events?limit=2", ({ next }) =>
      next === null ? null : `/v1/events?limit=2&cursor=${next}`,
    );
    expect([persons, pages]).toEqual([["2-2", "2-1", "2-0"], 2]);
  });

  it("another box gives one empty page without a cursor to a next page", async () => {
    expect(await (await deps.ask("/v1/events?box=gate-1&limit=1", { token })).json()).toEqual({
      events: [],
      next: null,
    });
    expect(await (await deps.ask("/v1/quarantine?box=gate-1&limit=1", { token })).json()).toMatchObject({
      records: [],
      next: null,
    });
  });

  it("a limited key reads the feed of its boxes to the end, and resumes there", async () => {
    const first = await personsAt("/v1/events?order=received&limit=2", ({ next, more }) =>
      more ? `/v1/events?order=received&limit=2&after=${next}` : null,
    );
    expect(first.persons).toEqual(["2-0", "2-1", "2-2"]);
    const end = (await (await deps.ask("/v1/events?order=received&limit=500", { token })).json()) as { next: string };
    await deps.deliver(passing({ identity_id: "1-new" }), { box: "gate-1" });
    await deps.deliver(passing({ identity_id: "2-new" }), { box: "gate-2" });
    const { persons } = await personsAt(`/v1/events?order=received&after=${end.next}`, () => null);
    expect(persons).toEqual(["2-new"]);
  });

  it("a page of the feed is bounded if nearly all events are of other boxes", async () => {
    const answer = await deps.ask("/v1/events?order=received&limit=1", { token });
    expect(await answer.json()).toEqual({ events: [], news: [], next: expect.any(String), more: true });
  });

  it("a cursor gives a limited key no other events", async () => {
    const { next } = (await (await deps.ask("/v1/events?order=received&limit=1", { token })).json()) as {
      next: string;
    };
    const all = (await (await deps.ask("/v1/events?order=received&limit=10")).json()) as { next: string };
    const plain = (cursor: string) => Buffer.from(cursor, "base64url").toString("latin1");
    expect(plain(all.next)).toMatch(/\d{16}$/);
    expect(plain(next)).not.toMatch(/\d{8}/);
    const foreign = await deps.ask(`/v1/events?order=received&after=${all.next}`, { token });
    expect([foreign.status, await foreign.json()]).toMatchObject([400, { detail: expect.stringContaining("cursor") }]);
  });

  it("a limited key sees no rules or matching rules, because they name boxes and persons", async () => {
    const pattern = { detail: { event: { person: { id: ["1-7"] } } } };
    const rule = { ...seeds.rule, pattern };
    const faults = [{ rule: "gate-1-vip", line: 9, column: 3, reason: "cannot be used" }];
    const trial = { ...seeds.trial, rule: rule.name, why: [{ path: "p", holds: false, is: "2-1", wants: '"1-7"' }] };
    deps.deps.rules = {
      ...exampleRules,
      read: async () => ({ version: "v1", rules: [rule], faults }),
      tryRules: async () => [trial],
    };
    const ask = async (path: string, sent: object = {}) => (await deps.ask(path, { token, ...sent })).json();
    expect(await ask("/v1/rules")).toEqual({ etag: expect.any(String), rules: [], faults: [] });
    const { events } = (await ask("/v1/events?limit=1")) as { events: { id: string }[] };
    const event = events[0]?.id;
    const tried = await ask("/v1/rules/try", { method: "POST", body: JSON.stringify({ event }) });
    expect(tried).toEqual({ event, rules: [] });
  });

  it("the events of a page of dead letters are read at once", async () => {
    const { items } = await deps.deps.events.list({}, { limit: 50, cursor: null });
    const letters = items.map(({ id }, n) => ({ ...seeds.deadLetter, id: `${n}`, event: id }));
    deps.deps.deadLetters = { ...noDeadLetters, list: async () => ({ items: letters, next: null }) };
    const one = vi.spyOn(deps.deps.events, "get");
    const several = vi.spyOn(deps.deps.events, "getAll");
    const answer = (await (await deps.ask("/v1/deadletters", { token })).json()) as { deadletters: object[] };
    expect(answer.deadletters).toHaveLength(3);
    expect([one.mock.calls.length, several.mock.calls.length]).toEqual([0, 1]);
  });

  it("a limited key gets these ports as they are, and no other", () => {
    const list = async () => ({ items: [], next: null });
    const deliveries = { list, ofEvents: async () => new Map(), send: async () => "sent" as const };
    const ports = { ...deps.deps, deadLetters: noDeadLetters, deliveries, rules: exampleRules };
    const limited = limitedPorts(ports, ["gate-2"]);
    const names = Object.keys(ports) as (keyof typeof limited)[];
    const passedOn = names.filter((name) => limited[name] === ports[name]).sort();
    // A new port is either limited, or it knows of no box, or its routes ask for the event, box or site first.
    expect(passedOn).toEqual(
      (
        "accounts acknowledgements alarms alertRows announcesEvents audit auditReader authRateLimiter bus clock company " +
        "cursorSecret decoded departures eraser factorPolicy factors feedWaits halfSessions health hoursCorrections imports jobs keyAdmin keys log mailer mappings metrics " +
        "notes passwords peopleSettings pictureLinks pictures push quarantineLinks rangeFor refusals replay replayBatch replayed resetMails resizer " +
        "retentionEditor sample server sessions setupCodes shapeOf signInTries sources tickets tryMapping unknownTerminals views"
      ).split(" "),
    );
  });

  it.each([
    ["all boxes", null, ["gate-2"]],
    ["a box of others besides", ["gate-1", "gate-2"], ["gate-2"]],
    ["a box of others", ["gate-1"], []],
  ])("a limited key gets counts of its boxes only, if it asks for %s", async (_, asked, counted) => {
    const { statistics } = deps.deps;
    const counts = ["read", "totals", "flags", "flagged"] as const;
    const spies = counts.map((name) => vi.spyOn(statistics, name));
    const limited = limitedPorts(deps.deps, ["gate-2"]);
    for (const name of counts) await limited.statistics[name]({ from: noon, to: noon + 1, boxes: asked });
    for (const spy of spies) expect(spy.mock.calls).toEqual([[{ from: noon, to: noon + 1, boxes: counted }]]);
  });

  it("a limited key gets no delivery of another box, by any route", async () => {
    const { items } = await deps.deps.events.list({}, { limit: 50, cursor: null });
    const of = new Map(items.map(({ id }) => [id, []]));
    const known = vi.fn(async (_: readonly string[]) => of);
    const list = async () => ({ items: [], next: null });
    const ports = { ...deps.deps, deliveries: { list, ofEvents: known, send: async () => "sent" as const } };
    const { deliveries } = limitedPorts(ports, ["gate-2"]);
    const own = items.filter(({ box }) => box === "gate-2").map(({ id }) => id);
    await deliveries?.ofEvents(items.map(({ id }) => id));
    expect(known.mock.calls).toEqual([[own]]);
  });

  it("a limited key never reads rule names or targets, or whether a named rule exists", async () => {
    const [event] = (await deps.deps.events.list({ box: "gate-2" }, { limit: 1, cursor: null })).items;
    const [name, place] = ["alerts-for-mr-zhang", "connect ECONNREFUSED 10.9.8.7:443"];
    const letter = { ...seeds.deadLetter, rule: name, reason: place, event: event?.id ?? null };
    const list: DeadLetters["list"] = async (rule) => ({ items: rule === "none" ? [] : [letter], next: null });
    deps.deps.deadLetters = { ...noDeadLetters, list };
    const delivery = { id: "1", rule: name, tries: 2, reason: place, at: seeds.deadLetter.at };
    deps.deps.deliveries = {
      list: async () => ({ items: [], next: null }),
      ofEvents: async (ids) =>
        new Map(
          ids.map((id) => [
            `act_${id.slice(4)}_1001`,
            [
              { ...delivery, state: "waiting" as const },
              { ...delivery, state: "held" as const, reason: "quiet" },
            ],
          ]),
        ),
      send: async () => "unknown",
    };
    const texts = await Promise.all(
      ["/v1/actions?with=deliveries", `/v1/events/${event?.id}`, "/v1/deadletters"].map(async (path) =>
        (await deps.ask(path, { token })).text(),
      ),
    );
    expect(texts.join()).not.toMatch(/zhang|10\.9\.8\.7/);
    expect(JSON.parse(texts[2] ?? "")).toMatchObject({ deadletters: [{ rule: null, reason: "not delivered" }] });
    const byName = async (rule: string) => (await deps.ask(`/v1/deadletters?rule=${rule}`, { token })).text();
    expect(await byName(name)).toBe(await byName("none"));
    const ports = limitedPorts(deps.deps, ["gate-2"]);
    const known = await ports.deliveries?.ofEvents([event?.id ?? ""]);
    expect([...(known?.values() ?? [])].flat()).toEqual([
      { ...delivery, state: "waiting", rule: null, reason: "not delivered" },
      { ...delivery, state: "held", rule: null, reason: "quiet" },
    ]);
  });

  it("events of other boxes are dropped even if the store ignores the filter", async () => {
    const { items } = await deps.deps.events.list({}, { limit: 50, cursor: null });
    const list = vi.fn(async () => ({ items, next: null }));
    const ports = { ...deps.deps, events: { ...deps.deps.events, list } };
    const page = { limit: 50, cursor: null };
    const { events } = limitedPorts(ports, ["gate-2"]);
    expect((await events.list({}, page)).items.map(({ box }) => box)).toEqual(["gate-2", "gate-2", "gate-2"]);
    expect(await events.list({ box: "gate-1" }, page)).toEqual({ items: [], next: null });
    expect(await limitedPorts(ports, []).events.list({}, page)).toEqual({ items: [], next: null });
    expect(list).toHaveBeenCalledTimes(1);
    expect(await events.count({ box: "gate-1" }, 10)).toEqual({ count: 0, isExact: true });
  });

  it("a limited key cannot order or remove anything at another box, by any route", async () => {
    await deps.deliver(seen, { box: "gate-1" });
    for (const box of ["gate-1", "gate-2"]) await deps.deliver("no report", { box });
    const page = { limit: 50, cursor: null };
    const order = vi.spyOn(deps.deps.orders, "order").mockResolvedValue({ answer: "taken" });
    const remove = vi.spyOn(deps.deps.quarantine, "remove");
    const { orders, quarantine } = limitedPorts(deps.deps, ["gate-2"]);
    const actions = (await deps.deps.actionReader.list({}, page)).items;
    const records = (await deps.deps.quarantine.list(null, page)).items;
    for (const { id } of actions) await orders.order(id, { kind: "undo" }, "key");
    for (const { id } of records) await quarantine.remove(id);
    const own = <Item extends { box: string; id: string }>(items: readonly Item[]) =>
      items.filter(({ box }) => box === "gate-2").map(({ id }) => id);
    expect(order.mock.calls.map(([id]) => id)).toEqual(own(actions));
    expect(remove.mock.calls.map(([id]) => id)).toEqual(own(records));
    expect([actions.length, own(actions).length, records.length, own(records).length]).toEqual([4, 3, 3, 1]);
  });

  it("an order shows a limited key no other boxes, earlier boxes or invisible events", async () => {
    const page = { limit: 50, cursor: null };
    const [action] = (await deps.deps.actionReader.list({}, page)).items;
    if (action === undefined) throw new Error("there is none");
    const boxes = ["gate-1", "gate-2"].map((box) => ({ box, state: "done" as const, reason: null }));
    const ordered = { ...action, approval: { ...exampleApproval, boxes, earlierBoxes: ["gate-3", "gate-2"] } };
    vi.spyOn(deps.deps.actionReader, "get").mockResolvedValue(ordered);
    const at = (box: string) => limitedPorts(deps.deps, [box]).actionReader;
    const own = await at("gate-2").get(action.id);
    expect(own?.approval).toMatchObject({ boxes: [{ box: "gate-2" }], earlierBoxes: ["gate-2"] });
    expect((await at("gate-2").eventOf(action.id))?.box).toBe("gate-2");
    expect([await at("gate-3").get(action.id), await at("gate-3").eventOf(action.id)]).toEqual([null, null]);
  });

  it("a limited key gets full feed pages of its events", async () => {
    const { feed } = limitedPorts(deps.deps, ["gate-2"]);
    await deps.deliver(passing({ identity_id: "1-last" }), { box: "gate-1" });
    const first = await feed.read(null, 20);
    expect([first.items.length, first.isEnd]).toEqual([3, true]);
  });

  it("a limited key lists and settles only the actions of its boxes", async () => {
    await deps.deliver(seen, { box: "gate-1" });
    const { actions } = (await (await deps.ask("/v1/actions", { token })).json()) as {
      actions: { id: string; box: string }[];
    };
    expect(actions.map(({ box }) => box)).toEqual(["gate-2", "gate-2", "gate-2"]);
    const all = (await (await deps.ask("/v1/actions")).json()) as typeof Object & {
      actions: { id: string; box: string }[];
    };
    const other = all.actions.find(({ box }) => box === "gate-1");
    const settle = (id = "") =>
      deps.ask(`/v1/actions/${id}`, { method: "POST", token, body: JSON.stringify({ state: "done" }) });
    expect((await settle(other?.id)).status).toBe(404);
    const settled = await settle(actions[0]?.id);
    expect([settled.status, await settled.json()]).toMatchObject([200, { state: "done" }]);
  });

  it("a limited key goes to the next event of its boxes, and skips other boxes", async () => {
    const { items } = await deps.deps.events.list({ box: "gate-2" }, { limit: 50, cursor: null });
    const [newer, middle, older] = items.map(({ id }) => id);
    const beside = async (query = "") =>
      (await deps.ask(`/v1/events/${middle}/neighbours${query}`, { token })).json() as Promise<object>;
    expect(await beside()).toEqual({ newer, older });
    expect(await beside("?box=gate-1")).toEqual({ newer: null, older: null });
  });

  it("a limited key marks only its own events as seen", async () => {
    const { items } = await deps.deps.events.list({}, { limit: 50, cursor: null });
    const idAt = (box: string) => items.find((event) => event.box === box)?.id ?? "";
    const mark = async (box: string) =>
      (await deps.ask(`/v1/events/${idAt(box)}/seen`, { method: "PUT", token })).status;
    expect([await mark("gate-1"), await mark("gate-2")]).toEqual([404, 204]);
    const { seen } = (await (await deps.ask("/v1/events?with=seen&limit=50")).json()) as { seen: string[] };
    expect(seen).toEqual([idAt("gate-2")]);
  });

  it("a limited key may ask for some of its boxes, also in quarantine", async () => {
    for (const box of ["gate-1", "gate-2", "gate-3"]) await deps.deliver("no report", { box });
    const both = deps.ingest.addKey("read", null, { boxes: ["gate-2", "gate-3"] });
    const boxesIn = async (query: string) => {
      const answer = await (await deps.ask(`/v1/quarantine${query}`, { token: both })).json();
      return (answer as { records: { box: string }[] }).records.map(({ box }) => box).sort();
    };
    expect(await boxesIn("")).toEqual(["gate-2", "gate-3"]);
    expect(await boxesIn("?box=gate-3")).toEqual(["gate-3"]);
    expect(await boxesIn("?box=gate-1&box=gate-3")).toEqual(["gate-3"]);
  });
});

it.each([1, 2, 5, 7])("a page of %i is full, not over its limit, and leaves out no item", async (limit) => {
  const all = Array.from({ length: 40 }, (_, at) => at);
  const seenOf = (items: readonly number[]) => items.filter((item) => item % 3 !== 0);
  const read = async ({ limit: most, cursor }: PageRequest) => {
    const end = Number(cursor) + most;
    return { items: all.slice(Number(cursor), end), next: end < all.length ? `${end}` : null };
  };
  const sealed = {
    seal: (cursor: string) => `sealed ${cursor}`,
    open: (text: string) => text.slice("sealed ".length),
  };
  const pages: number[][] = [];
  for (let cursor: string | null = null; ; ) {
    const page: Page<number> = await seenPage({ limit, cursor }, read, { seenOf, seal: sealed });
    pages.push(page.items);
    cursor = page.next;
    if (cursor === null) break;
  }
  expect(pages.flat()).toEqual(seenOf(all));
  for (const items of pages.slice(0, -1)) expect(items).toHaveLength(limit);
  expect(pages.at(-1)?.length).toBeLessThanOrEqual(limit);
});

it("a key for a site sees the boxes that the site has at the time", async () => {
  const deps = await runtime();
  await deps.deliver(seen, { box: "gate-1" });
  const token = deps.ingest.addKey("read", null, { site: "east" });
  const events = async () => ((await (await deps.ask("/v1/events", { token })).json()) as { events: object[] }).events;
  const me = async () => (await (await deps.ask("/v1/me", { token })).json()) as { key: object };
  expect(await events()).toEqual([]);
  await deps.ask("/v1/boxes/gate-1", { method: "PATCH", body: JSON.stringify({ site: "east" }) });
  expect(await events()).toMatchObject([{ box: { id: "gate-1" } }]);
  expect((await me()).key).toMatchObject({ boxes: ["gate-1"], site: "east" });
  await deps.ask("/v1/boxes/gate-1", { method: "PATCH", body: JSON.stringify({ site: null }) });
  expect(await events()).toEqual([]);
});
