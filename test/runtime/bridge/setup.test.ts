import { setUp } from "@gatepost/bridge";
import { Se3, Tally, type Version } from "@gatepost/simulator";
import { describe, expect, it } from "vitest";
import { BoxApi } from "../../../packages/bridge/src/se5/box-api.ts";
import { freePort } from "../../standins/listen.ts";
import { album, atEnd, ManualClock, noFaults, receiver } from "../../unit/simulator/support.ts";

const urls = {
  realtime: "http://cloud.example/key/RealTimeEvent",
  history: "http://cloud.example/key/HistoryEvent",
  status: "http://cloud.example/key/DeviceStatus",
};
const signal = new AbortController().signal;

async function box(version: Version) {
  const watch = new Tally().watch;
  const se3 = new Se3({ album, version, faults: noFaults(), watch, clock: new ManualClock() });
  const served = await se3.serve({ host: "127.0.0.1", port: 0 });
  atEnd(() => served.close());
  return { se3, api: new BoxApi("127.0.0.1", served.port) };
}

const texts = (list: readonly URL[]) => list.map(String);

it.each(["V2R2", "V2R4", "V5R3", "V5R6"] as const)("writes all three URLs into a box of %s", async (version) => {
  const { se3, api } = await box(version);
  expect(await setUp(api, urls, signal)).toBe("V2 to V5R6");
  expect(texts(se3.settings.realtimeUrls)).toEqual([urls.realtime]);
  expect(texts(se3.settings.historyUrls)).toEqual([urls.history]);
  expect(texts(se3.settings.monitorUrls)).toEqual([urls.status]);
});

it("writes the history's URL into the configuration of V5R7", async () => {
  const { se3, api } = await box("V5R7");
  expect(await setUp(api, urls, signal)).toBe("V5R7");
  expect(texts(se3.settings.historyUrls)).toEqual([urls.history]);
});

it.each(["V5R6", "V5R7"] as const)("keeps the URLs of other servers in a box of %s", async (version) => {
  const { se3, api } = await box(version);
  const other = "http://other.example:8080/events";
  for (const list of ["realtimeUrls", "historyUrls"] as const)
    se3.settings[list] = [new URL("http://cloud.example/old/HistoryEvent"), new URL(other)];
  await setUp(api, urls, signal);
  expect(texts(se3.settings.historyUrls)).toEqual([other, urls.history]);
  if (version === "V5R6") expect(texts(se3.settings.realtimeUrls)).toEqual([other, urls.realtime]);
});

describe("The setup fails with a reason for", () => {
  it.each([
    ["a box without any of the interfaces", 404, "none of the documented"],
    ["a box with an undocumented answer", 200, "something else than documented"],
  ] as const)("%s", async (_, status, message) => {
    const strange = await receiver(() => status);
    await expect(setUp(new BoxApi("127.0.0.1", strange.port), urls, signal)).rejects.toThrow(message);
  });

  it("an address without a box", async () => {
    await expect(setUp(new BoxApi("127.0.0.1", await freePort()), urls, signal)).rejects.toThrow("ECONNREFUSED");
  });
});
