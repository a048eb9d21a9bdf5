import { minuteMs } from "@gatepost/protocol";
import { expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { noon, passing, runtime, type TestRuntime } from "./support.ts";

type As = Parameters<TestRuntime["ask"]>[1];

/** Two boxes at a site that know three people each: of one both know id and name, of one the id, of one no name. */
async function office() {
  const deps = await runtime();
  let reads = 0;
  const { known } = deps.deps.passings;
  deps.deps.passings.known = (boxes) => {
    reads += 1;
    return known.call(deps.deps.passings, boxes);
  };
  for (const box of ["gate-1", "gate-2"]) {
    await deps.deps.boxes.writer.set(box, { site: "hq" });
    for (const [id, name] of [
      ["1", "Ada"],
      ["2", `Only ${box}`],
      ["3", " "],
    ] as const) {
      await deps.deliver(passing({ identity_id: id, identity_name: name, timestamp: noon }), { box, receivedAt: noon });
    }
  }
  const ask = async (as: As = {}, site = "") => {
    const answer = await deps.ask(`/v1/people/alike${site}`, as);
    return answer.status === 200 ? Object((await answer.json()) as unknown).sites : answer.status;
  };
  const say = async (body: object, as: As = {}) => {
    const sent = { method: "PUT", body: JSON.stringify({ site: "hq", ...body }), ...as };
    return (await deps.ask("/v1/people/alike", sent)).status;
  };
  return { deps, ask, say, reads: () => reads };
}

const atHq = [{ site: "hq", people: 1 }];

it("counts people whom several boxes of a site know with one id and name", async () => {
  const { deps, ask } = await office();
  expect(await ask()).toEqual(atHq);
  expect(await ask({}, "?site=hq")).toEqual(atHq);
  expect(await ask({}, "?site=default")).toEqual([]);
  await deps.deps.boxes.writer.set("gate-2", { site: "depot" });
  deps.ingest.now += minuteMs;
  expect(await ask()).toEqual([]);
});

it("reads people at several boxes once a minute, until someone answers", async () => {
  const { deps, ask, say, reads } = await office();
  let places = 0;
  const { reader } = deps.deps.boxes;
  const read = reader.places;
  reader.places = (boxes) => {
    places += 1;
    return read.call(reader, boxes);
  };
  for (let n = 0; n < 3; n++) expect(await ask()).toEqual(atHq);
  expect([places, reads()]).toEqual([1, 1]);
  await deps.deliver(passing({ identity_id: "2", identity_name: "Only gate-1", timestamp: noon + 1 }), {
    box: "gate-2",
    receivedAt: noon + 1,
  });
  deps.ingest.now += minuteMs;
  expect(await ask()).toEqual([{ site: "hq", people: 2 }]);
  expect(reads()).toBe(2);
  await say({ areSame: false });
  deps.ingest.now += 10 * minuteMs;
  expect(await ask()).toEqual([]);
  expect(reads()).toBe(2);
});

it("counts people at several boxes again after a failure", async () => {
  const { deps, ask } = await office();
  const { known } = deps.deps.passings;
  deps.deps.passings.known = async () => {
    throw new Error("the store is down");
  };
  expect(await ask()).toBe(503);
  deps.deps.passings.known = known;
  expect(await ask()).toEqual(atHq);
});

it("notes whether people at several boxes are the same, or that it is open", async () => {
  const { deps, ask, say } = await office();
  const site = async () => {
    const { sharesPeople, keepsPeopleApart } = (await deps.deps.sites.get("hq")) ?? deps.deps.sites.unset("hq");
    return [sharesPeople, keepsPeopleApart];
  };
  expect([await say({ areSame: true }), await site(), await ask()]).toEqual([204, [true, false], []]);
  expect([await say({ areSame: null }), await site(), await ask()]).toEqual([204, [false, false], atHq]);
  expect([await say({ areSame: false }), await site(), await ask()]).toEqual([204, [false, true], []]);
  expect(await say({ site: "nowhere", areSame: true })).toBe(404);
  const { items } = await deps.deps.auditReader.list({}, { limit: 10, cursor: null });
  const said = items.filter(({ outcome, action }) => outcome === "done" && action === "setting-changed");
  expect(said.map(({ about: { site, areSame } }) => [site, areSame])).toEqual([
    ["hq", false],
    ["hq", "open"],
    ["hq", true],
  ]);
});

it("asks only managers of a whole site whether people are the same", async () => {
  const { deps, ask, say } = await office();
  const as = async (...of: [role: "guard" | "manager" | "administrator", facts?: object]) => ({
    headers: await signedIn(deps, await addAccount(deps, ...of)),
  });
  const whole = await as("manager", { sites: ["hq"] });
  const part = await as("manager", { boxes: ["gate-1"] });
  expect(await ask(whole)).toEqual(atHq);
  expect(await ask(await as("administrator"))).toEqual(atHq);
  expect(await ask(part)).toEqual([]);
  expect(await ask(part, "?site=hq")).toEqual([]);
  expect(await ask(await as("guard"))).toBe(403);
  expect(await say({ areSame: true }, part)).toBe(403);
  expect(await say({ areSame: true }, await as("guard"))).toBe(403);
  expect(await say({ areSame: true }, whole)).toBe(204);
});
