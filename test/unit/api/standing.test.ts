import { beforeEach, describe, expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { noon, passing, runtime, type TestRuntime } from "./support.ts";

const [blacklist, stranger] = [3, 4];

describe("persons who stand out, over HTTP", () => {
  let deps: TestRuntime;
  beforeEach(async () => {
    deps = await runtime();
    deps.ingest.failing.delete("bus");
  });

  const pass = (id: string, type: number, at: number, box?: string) =>
    deps.deliver(
      passing({ identity_id: id, identity_name: `N ${id}`, timestamp: noon + at, extData: { person_type: type } }),
      box === undefined ? {} : { box },
    );
  const read = async (query = "", headers?: Record<string, string>) => {
    const answer = await deps.ask(`/v1/standing${query}`, headers === undefined ? {} : { headers });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  };
  const keysOf = async (query = "", headers?: Record<string, string>) =>
    (await read(query, headers)).body.groups.map(({ key }: { key: string }) => key);

  it("are one group a person, the blacklist first, and the newest first", async () => {
    for (const at of [0, 100]) await pass("b1", blacklist, at);
    await pass("b2", blacklist, 50);
    for (const at of [200, 300]) await pass("s1", stranger, at);
    await pass("e1", 1, 400);
    const { groups, ...counts } = (await read()).body;
    expect(counts).toEqual({ more: 0, unseen: 5, isWhole: true });
    expect(groups).toMatchObject([
      { key: "gate-1/b1", by: "person", kind: "blacklist", name: "N b1", count: 2, rings: true },
      { key: "gate-1/b2", count: 1 },
      { by: "passing", kind: "stranger", count: 1, rings: false },
      { by: "passing", kind: "stranger", count: 1 },
    ]);
    const [first, , newest] = groups;
    expect([first.first, first.last].map(Date.parse)).toEqual([noon, noon + 100]);
    expect(first.latest).toBe(first.events[0]);
    expect(newest).toMatchObject({ key: newest.latest, events: [newest.latest] });
    expect(Date.parse(newest.last)).toBe(noon + 300);
  });

  it("leave the list once they are acknowledged, or after a day", async () => {
    await pass("b1", blacklist, 0);
    await pass("b1", blacklist, 100);
    const [{ events }] = (await read()).body.groups;
    await deps.ask(`/v1/events/${events[0]}/seen`, { method: "PUT" });
    expect((await read()).body.groups).toMatchObject([{ count: 1, events: [events[1]] }]);
    deps.ingest.now = noon + 24 * 60 * 60_000 + 1;
    expect((await read()).body).toEqual({ groups: [], more: 0, unseen: 0, isWhole: true });
  });

  it("are one person at boxes that share their people", async () => {
    for (const box of ["gate-1", "gate-2"]) {
      await pass("b1", blacklist, 0, box);
      await deps.deps.boxes.writer.set(box, { site: "hq" });
    }
    expect((await keysOf()).toSorted()).toEqual(["gate-1/b1", "gate-2/b1"]);
    await deps.deps.sites.put("hq", { sharesPeople: true });
    expect((await read()).body.groups).toMatchObject([{ key: "~hq/b1", count: 2 }]);
  });

  it("are of the boxes that the caller sees, and asks for", async () => {
    await pass("b1", blacklist, 0, "gate-1");
    await pass("b2", blacklist, 100, "gate-2");
    expect(await keysOf("?box=gate-1")).toEqual(["gate-1/b1"]);
    const guard = await signedIn(deps, await addAccount(deps, "guard", { boxes: ["gate-2"] }));
    expect(await keysOf("", guard)).toEqual(["gate-2/b2"]);
    expect(await keysOf("?box=gate-1", guard)).toEqual([]);
  });

  it("are counted beyond 50 groups, and given whole with `with=events`", async () => {
    for (let n = 0; n < 52; n++) await pass(`s${n}`, stranger, n);
    const seen = (await read()).body.groups[0].latest;
    await deps.ask(`/v1/events/${seen}/seen`, { method: "PUT" });
    const { body } = await read("?with=events");
    expect(body).toMatchObject({ more: 1, unseen: 51, isWhole: true, seen: [seen] });
    expect(body.groups).toHaveLength(50);
    expect(body.events).toHaveLength(51);
    expect(body.events[0]).toMatchObject({ person: { type: "stranger" }, acknowledgement: null });
    expect((await read("?with=pictures")).status).toBe(400);
  });

  it("may be more if the store has more events than are looked at", async () => {
    await pass("s1", stranger, 0);
    deps.deps.events.list = async (_, page) => ({ items: [], next: `${page.cursor ?? ""}x` });
    expect((await read()).body).toEqual({ groups: [], more: 0, unseen: 0, isWhole: false });
  });
});
