import { beforeEach, describe, expect, it } from "vitest";
import { exportedEvents } from "../../../packages/api/src/access/actors.ts";
import { doJobs } from "../../support/memory/jobs.ts";
import { addAccount, signedIn } from "./people.ts";
import { noon, passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;
type Asked = Parameters<TestRuntime["ask"]>[1];
type Page = { events: { id: string; person: { name: string | null; known?: object } }[]; next: string };

beforeEach(async () => {
  deps = await runtime();
  await deps.deliver(passing({ identity_id: "7", identity_name: "刘芳" }));
  deps.ingest.now = noon + 60_000;
});

/** A passing at a box that sends no names. */
const pass = (box: string, id = "7", others = {}) =>
  deps.deliver(passing({ identity_id: id, identity_name: "", timestamp: noon + 30_000, ...others }), { box });

const page = async (asked: Asked = {}, query = "") =>
  (await (await deps.ask(`/v1/events?${query}`, asked)).json()) as Page;

/** The names of the events without one, as a list has them. */
async function names(asked: Asked = {}, query = ""): Promise<unknown[]> {
  const { events } = await page(asked, query);
  return events.filter(({ person }) => person.name === null).map(({ person }) => person.known ?? null);
}

const share = (sharesPeople: boolean) => deps.deps.sites.put("default", { sharesPeople });

describe("an event that has only the id of a person", () => {
  const known = { name: "刘芳", library: "gate-1" };

  it("has the name of an earlier passing at the box, in a list, by its id and in the feed", async () => {
    await pass("gate-1");
    expect(await names()).toEqual([known]);
    expect(await names({}, "order=received")).toEqual([known]);
    const [event] = (await page()).events;
    expect(await (await deps.ask(`/v1/events/${event?.id}`)).json()).toMatchObject({ person: { name: null, known } });
  });

  it("has no name of another library, until the site shares its people", async () => {
    await pass("gate-2");
    expect(await names()).toEqual([null]);
    await share(true);
    expect(await names()).toEqual([{ name: "刘芳", library: "~default" }]);
    await share(false);
    expect(await names()).toEqual([null]);
  });

  it("has the latest name", async () => {
    await deps.deliver(passing({ identity_id: "7", identity_name: "刘方", timestamp: noon + 10_000 }));
    await pass("gate-1");
    expect(await names()).toEqual([{ ...known, name: "刘方" }]);
  });

  it("has none if the person is a stranger, or has no other passing", async () => {
    await pass("gate-1", "8");
    await pass("gate-1", "7", { extData: { person_type: 4 }, timestamp: noon + 31_000 });
    expect(await names()).toEqual([null, null]);
  });

  it("shows the name to callers who may read people alone", async () => {
    await pass("gate-1");
    for (const query of ["", "order=received"]) {
      expect(await names({ token: deps.tokens.read }, query)).toEqual([null]);
      expect(await names({ token: deps.ingest.addKey("read", null, { people: true }) }, query)).toEqual([known]);
    }
    expect(await names({ headers: await signedIn(deps, await addAccount(deps, "guard")) })).toEqual([null]);
    expect(await names({ headers: await signedIn(deps, await addAccount(deps, "manager")) })).toEqual([known]);
    await deps.deps.peopleSettings.set({ isOn: false, hoursDays: null });
    expect(await names()).toEqual([null]);
  });

  it("shows a limited caller no name of a box that it does not see", async () => {
    await pass("gate-2");
    await share(true);
    const manager = await signedIn(deps, await addAccount(deps, "manager", { boxes: ["gate-2"] }));
    expect(await names({ headers: manager })).toEqual([null]);
    expect(await names()).toHaveLength(1);
  });

  it("loses the name when the passings that have it are erased", async () => {
    await pass("gate-2");
    await share(true);
    await deps.ask("/v1/people?id=7&box=gate-1", { method: "DELETE" });
    expect(await names()).toEqual([null]);
  });

  it("leaves the person the name in every list, for callers who may read people", async () => {
    const { devices = [] } = (await deps.deps.boxes.reader.get("gate-1")) ?? {};
    await deps.deps.boxes.writer.set("gate-1", { device: { key: devices[0]?.key ?? "", direction: "in" } });
    await pass("gate-1", "7", { extData: { person_type: 3 } });
    const ask = async (path: string, asked: Asked = {}) => (await (await deps.ask(path, asked)).json()) as object;
    const people = [{ id: "7", library: "gate-1", name: "刘芳" }];
    const day = "from=2026-11-05&to=2026-11-05";
    expect(await ask("/v1/people?q=7")).toMatchObject({ people: [{ ...people[0], pinyin: "liu fang" }] });
    expect(await ask("/v1/find?q=7")).toMatchObject({ people });
    expect(await ask("/v1/presence?site=default")).toMatchObject({ people: [{ ...people[0], pinyin: "liu fang" }] });
    expect(await ask(`/v1/hours?site=default&${day}`)).toMatchObject({ people });
    expect(await ask("/v1/standing?with=events")).toMatchObject({
      groups: [{ name: "刘芳" }],
      events: [{ person: { name: null, known } }],
    });
    const guard = await signedIn(deps, await addAccount(deps, "guard"));
    expect(await ask("/v1/standing", { headers: guard })).toMatchObject({ groups: [{ name: null }] });
  });

  it("has the name beside its action", async () => {
    await pass("gate-1", "7", { want_action: "1002" });
    const person = { name: null, known };
    const answer = (await (await deps.ask("/v1/actions?with=event")).json()) as { actions: { id: string }[] };
    expect(answer).toMatchObject({ actions: [{ event: { person } }] });
    expect(await (await deps.ask(`/v1/actions/${answer.actions[0]?.id}`)).json()).toMatchObject({ event: { person } });
  });

  it("is stored without the name, and exported as it was sent", async () => {
    await pass("gate-1");
    expect(JSON.stringify(deps.ingest.events())).not.toContain("known");
    const [event] = (await page()).events;
    expect(event?.person).toMatchObject({ name: null, known });
    const { items } = await deps.deps.events.list({}, { limit: 1, cursor: null });
    const [exported] = await exportedEvents(items, deps.deps);
    expect(exported?.person).toMatchObject({ id: "7", name: null });
    expect(exported?.person).not.toHaveProperty("known");
  });
});

describe("a person whose last passing has only the id", () => {
  /** Passes at noon + `minutes`, which is when it is received. */
  const passAt = (minutes: number, id: string, name: string, box = "gate-1") => {
    const timestamp = noon + minutes * 60_000;
    const body = passing({ identity_id: id, identity_name: name, timestamp, group_name: "Office" });
    return deps.deliver(body, { box, receivedAt: timestamp + 500 });
  };
  const ask = async <Answer = Record<string, { id: string; name: string | null }[]>>(path: string, asked: Asked = {}) =>
    (await (await deps.ask(path, asked)).json()) as Answer;
  const found = async (path: string, asked: Asked = {}, member = "people") =>
    (await ask(path, asked))[member]?.map(({ id, name }) => `${id} ${name}`);
  const goIn = async () => {
    for (const box of ["gate-1", "gate-2"]) {
      const { devices = [] } = (await deps.deps.boxes.reader.get(box)) ?? {};
      for (const { key } of devices) await deps.deps.boxes.writer.set(box, { device: { key, direction: "in" } });
    }
  };

  beforeEach(async () => {
    await passAt(1, "1", "Zoë");
    await passAt(2, "2", "Ben");
    await passAt(3, "3", "Cem");
    await passAt(4, "1", "");
    await passAt(5, "2", "");
    deps.ingest.now = noon + 600_000;
  });

  it("is found and placed by the known name in every list and table", async () => {
    await passAt(6, "4", "");
    await goIn();
    for (const q of ["zo", "ZOË"]) expect(await found(`/v1/people?q=${q}`)).toEqual(["1 Zoë"]);
    expect(await found("/v1/find?q=be")).toEqual(["2 Ben"]);
    expect(await found("/v1/find?q=1")).toEqual(["1 Zoë"]);
    const byName = ["4 null", "2 Ben", "3 Cem", "1 Zoë", "7 刘芳"];
    expect(await found("/v1/people?order=name")).toEqual(byName);
    expect(await found("/v1/presence?site=default&order=name")).toEqual(byName);
    const day = { site: "default", from: "2026-11-05", to: "2026-11-05" };
    expect(await found(`/v1/hours?${new URLSearchParams(day)}`)).toEqual(byName);
    for (const [what, filter] of [
      ["hours", day],
      ["people", { site: "default" }],
    ] as const) {
      const body = JSON.stringify({ kind: "export", what, format: "csv", filter });
      const { id } = await ask<{ id: string }>("/v1/jobs", { method: "POST", body });
      await doJobs(deps.deps, { events: 9, records: 9, bytes: 9999 });
      const { result } = await ask<{ result: { url: string } }>(`/v1/jobs/${id}`);
      const text = await (await deps.ask(result.url, { headers: { authorization: "" } })).text();
      const rows = text.trim().split("\r\n").slice(1);
      expect(rows.map((row) => row.replaceAll('"', "").split(",").slice(2, 4).join(" ").trim())).toEqual([
        "4",
        ...byName.slice(1),
      ]);
    }
  });

  it("is on an evacuation list by the known name, which stays there", async () => {
    await goIn();
    const body = JSON.stringify({ site: "default", isDrill: true });
    const { id } = await ask<{ id: string }>("/v1/rolls", { method: "POST", body });
    expect((await found(`/v1/rolls/${id}`))?.toSorted()).toEqual(["1 Zoë", "2 Ben", "3 Cem", "7 刘芳"]);
  });

  it("has the later of two names of boxes that share people", async () => {
    await share(true);
    await passAt(7, "1", "Sue", "gate-2");
    await passAt(8, "1", "");
    expect(await found("/v1/people?q=sue")).toEqual(["1 Sue"]);
    expect(await found("/v1/people?q=zo")).toEqual([]);
    await share(false);
    expect(await found("/v1/people?q=zo")).toEqual(["1 Zoë"]);
  });

  it("is not found by a name of a box that the caller does not see", async () => {
    await passAt(6, "1", "", "gate-2");
    await share(true);
    const manager = { headers: await signedIn(deps, await addAccount(deps, "manager", { boxes: ["gate-2"] })) };
    for (const path of ["/v1/people?q=zo", "/v1/find?q=zo"]) {
      expect(await found(path, manager)).toEqual([]);
      expect(await found(path)).toEqual(["1 Zoë"]);
    }
    expect(await found("/v1/people?order=name", manager)).toEqual(["1 null"]);
    await goIn();
    expect(await found("/v1/presence?site=default&order=name", manager)).toEqual(["1 null"]);
    const day = new URLSearchParams({ site: "default", from: "2026-11-05", to: "2026-11-05" });
    expect(await found(`/v1/hours?${day}`, manager)).toEqual(["1 null"]);
  });

  it("keeps the known name after a passing with a name of blanks and invisible characters", async () => {
    await passAt(6, "1", " \u3000\u200b");
    expect(await found("/v1/people?q=zo")).toEqual(["1 Zoë"]);
    const [event] = (await page()).events;
    expect(event?.person).toMatchObject({ name: " \u3000\u200b", known: { name: "Zoë" } });
  });

  it("has no name any more after the passings that have it are erased", async () => {
    const { events } = await page();
    const named = events.find(({ person }) => person.name === "Zoë");
    expect((await deps.ask(`/v1/events/${named?.id}`, { method: "DELETE" })).status).toBeLessThan(300);
    expect(await found("/v1/people?q=zo")).toEqual([]);
    expect(await found("/v1/people?order=name")).toEqual(["1 null", "2 Ben", "3 Cem", "7 刘芳"]);
  });
});
