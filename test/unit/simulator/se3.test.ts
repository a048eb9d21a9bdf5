import { type FaultChances, type Passing, Se3, Tally, type Version } from "@gatepost/simulator";
import { expect, it } from "vitest";
import { album, atEnd, faults, ManualClock, passings, receiver, until } from "./support.ts";

interface Setting {
  version?: Version;
  inBatches?: boolean;
  chances?: FaultChances;
}

function box({ version = "V2R4", inBatches = false, chances = {} }: Setting = {}) {
  const [tally, clock] = [new Tally(), new ManualClock()];
  const se3 = new Se3({ album, version, inBatches, faults: faults(chances), watch: tally.watch, clock });
  return { se3, tally, clock };
}

/** Lets a box upload while time passes, until nothing waits. */
async function upload({ se3, clock }: ReturnType<typeof box>): Promise<void> {
  const stop = new AbortController();
  const running = se3.run(stop.signal);
  await until(() => {
    clock.move(1000);
    return se3.waiting === 0;
  });
  stop.abort();
  await running;
}

const timesOf = (heard: readonly { body: string }[]) => heard.map(({ body }) => JSON.parse(body).timestamp);
const ats = (all: readonly Passing[]) => all.map(({ at }) => at);

it("real-time URLs are called in their order, once each", async () => {
  const [first, second] = [await receiver(() => 503), await receiver()];
  const { se3, tally } = box();
  se3.settings.realtimeUrls = [new URL(`${first.url}/a`), new URL(`${second.url}/b`)];
  for (const passing of passings(1)) se3.passes(passing);
  await until(() => second.heard.length === 1);
  await until(() => tally.counts.accepted === 1);
  expect(first.heard.map(({ path }) => path)).toEqual(["/a"]);
  expect(tally.counts).toEqual({ sent: 2, accepted: 1, repeated: 0, lost: 1 });
});

it("a real-time report without an answer is given up, and never repeated", async () => {
  const silent = await receiver(() => new Promise(() => {}));
  const { se3, tally } = box();
  se3.settings.realtimeUrls = [new URL(silent.url)];
  for (const passing of passings(1)) se3.passes(passing);
  await until(() => tally.counts.lost === 1);
  expect(silent.heard).toHaveLength(1);
});

it("history is uploaded in order, and a refused report is repeated first", async () => {
  const moody = await receiver((_, index) => (index % 3 === 1 ? 503 : 200));
  const sender = box();
  sender.se3.settings.historyUrls = [new URL(moody.url)];
  const all = passings(10);
  for (const passing of all) sender.se3.passes(passing);
  await upload(sender);
  const accepted = moody.heard.filter((_, index) => index % 3 !== 1);
  expect(timesOf(accepted)).toEqual(ats(all));
  expect(sender.tally.counts).toMatchObject({ sent: 10, accepted: 10, repeated: moody.heard.length - 10, lost: 0 });
});

it("at most a hundred reports are uploaded per cycle", async () => {
  const willing = await receiver();
  const { se3, clock } = box();
  se3.settings.historyUrls = [new URL(willing.url)];
  for (const passing of passings(150)) se3.passes(passing);
  const stop = new AbortController();
  const running = se3.run(stop.signal);
  await until(() => clock.sleepers === 1);
  expect(willing.heard).toHaveLength(100);
  clock.move(1000);
  await until(() => willing.heard.length === 150);
  stop.abort();
  await running;
});

it("a cycle is uploaded as one list on request", async () => {
  const willing = await receiver();
  const sender = box({ inBatches: true });
  sender.se3.settings.historyUrls = [new URL(willing.url)];
  const all = passings(5);
  for (const passing of all) sender.se3.passes(passing);
  await upload(sender);
  expect(
    willing.heard.map(({ body }) => JSON.parse(body).map((report: { timestamp: number }) => report.timestamp)),
  ).toEqual([ats(all)]);
});

it("pictures that are switched off are left out", async () => {
  const willing = await receiver();
  const sender = box();
  sender.se3.settings.historyUrls = [new URL(willing.url)];
  sender.se3.settings.history = { registered: false, scene: false, face: true };
  for (const passing of passings(1)) sender.se3.passes(passing);
  await upload(sender);
  const { reg_pic, ext_data } = JSON.parse(willing.heard[0]?.body ?? "");
  expect([reg_pic, ext_data.spot_pic, ext_data.recognize_face === ""]).toEqual(["", "", false]);
});

it("reports are sent as forms on request", async () => {
  const willing = await receiver();
  const sender = box();
  sender.se3.settings.historyUrls = [new URL(willing.url)];
  sender.se3.settings.historyEncoding = "form-data";
  for (const passing of passings(1)) sender.se3.passes(passing);
  await upload(sender);
  expect(willing.heard[0]?.contentType).toMatch(/^multipart\/form-data; boundary=/);
});

it("a cut connection is repeated, and the cut body was never complete", async () => {
  const willing = await receiver();
  const sender = box({ chances: { cut: 0.4 } });
  sender.se3.settings.historyUrls = [new URL(willing.url)];
  const all = passings(15);
  for (const passing of all) sender.se3.passes(passing);
  await upload(sender);
  expect(timesOf(willing.heard)).toEqual(ats(all));
  expect(sender.tally.counts.repeated).toBeGreaterThan(0);
});

it("truncated copies and duplicates are sent beside complete reports, never instead", async () => {
  const willing = await receiver();
  const sender = box({ chances: { truncate: 0.3, duplicate: 0.3 } });
  sender.se3.settings.historyUrls = [new URL(willing.url)];
  const all = passings(20);
  for (const passing of all) sender.se3.passes(passing);
  await upload(sender);
  const whole = willing.heard.filter(({ body }) => body.endsWith("}"));
  expect(willing.heard.length).toBeGreaterThan(whole.length);
  expect(whole.length).toBeGreaterThan(20);
  expect([...new Set(timesOf(whole))]).toEqual(ats(all));
});

it("the fault wrong-url mixes up the two URLs", async () => {
  const willing = await receiver();
  const sender = box({ chances: { "wrong-url": 1 } });
  sender.se3.settings.historyUrls = [new URL(`${willing.url}/key/HistoryEvent`)];
  for (const passing of passings(1)) sender.se3.passes(passing);
  await upload(sender);
  expect(willing.heard[0]?.path).toBe("/key/RealTimeEvent");
});

it("a slow network delivers in the end", async () => {
  const willing = await receiver();
  const sender = box({ chances: { slow: 1 } });
  sender.se3.settings.historyUrls = [new URL(willing.url)];
  const all = passings(1);
  for (const passing of all) sender.se3.passes(passing);
  await upload(sender);
  expect(timesOf(willing.heard)).toEqual(ats(all));
});

it("history waits as long as it has no address", async () => {
  const willing = await receiver();
  const sender = box();
  for (const passing of passings(2)) sender.se3.passes(passing);
  const stop = new AbortController();
  const running = sender.se3.run(stop.signal);
  atEnd(() => running);
  await until(() => sender.clock.sleepers === 1);
  expect(sender.se3.waiting).toBe(2);
  sender.se3.settings.historyUrls = [new URL(willing.url)];
  sender.clock.move(1000);
  await until(() => sender.se3.waiting === 0);
  stop.abort();
});

it("real-time has only people above the threshold, history has everyone", async () => {
  const [now, later] = [await receiver(), await receiver()];
  const sender = box();
  sender.se3.settings.realtimeUrls = [new URL(now.url)];
  sender.se3.settings.historyUrls = [new URL(later.url)];
  const all = passings(30);
  const known = all.filter(({ person }) => person.type !== 4);
  expect(known.length).toBeLessThan(all.length);
  for (const passing of all) sender.se3.passes(passing);
  await upload(sender);
  expect(timesOf(now.heard).toSorted()).toEqual(ats(known));
  expect(timesOf(later.heard)).toEqual(ats(all));
});

it.each([
  ["V2R4", true, true],
  ["V2R4", false, false],
  ["V5R2", true, false],
] as const)("real-time has the face of %s with the switch %s: %s", async (version, isSwitched, hasFace) => {
  const now = await receiver();
  const sender = box({ version });
  sender.se3.settings.realtimeUrls = [new URL(now.url)];
  sender.se3.settings.realtimeNeedsFace = isSwitched;
  for (const passing of passings(5)) sender.se3.passes(passing);
  await until(() => now.heard.length > 0);
  expect("recognize_face" in JSON.parse(now.heard[0]?.body ?? "").ext_data).toBe(hasFace);
});
