import { beforeEach, describe, expect, it } from "vitest";
import { exportedEvents } from "../../../packages/api/src/access/actors.ts";
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
