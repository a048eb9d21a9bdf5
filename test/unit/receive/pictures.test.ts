import { replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { fixture } from "../../support/fixtures.ts";
import { send, success } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";

let deps: MemoryPorts;
let token: string;
let put: [eventId: string, box: string, kinds: string[]][];
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
  put = [];
  const { putAll } = deps.pictures;
  deps.pictures.putAll = (passing, of) => {
    put.push([of.eventId, of.box, [...passing.pictures.keys()]]);
    return putAll(passing, of);
  };
});

const post = (body: unknown) => send(deps, { path: `/${token}/HistoryEvent`, body });

describe("the picture store", () => {
  it("receives the pictures of a report at once, with its event and its box", async () => {
    expect(await post(fixture("history-nested", "complete"))).toEqual(success);
    expect(put).toEqual([[deps.events()[0]?.id, "gate-1", ["registered", "scene", "face"]]]);
  });

  it("receives the pictures of a frame's second face under the event of that face", async () => {
    await post(history({}, { recognize_face: photo("one") }));
    await post(history({}, { recognize_face: photo("two") }));
    const [first = "", twin = ""] = deps
      .events()
      .sort((a, b) => a.flags.length - b.flags.length)
      .map(({ id }) => id);
    expect(put.map(([id]) => id)).toEqual([first, first, twin]);
  });

  it("says where the pictures of a second face are, and its event has that", async () => {
    const { putAll } = deps.pictures;
    deps.pictures.putAll = async (passing, of) => ({ ...(await putAll(passing, of)), unexpectedAt: of.eventId });
    const { upsert } = deps.index;
    const placed: [string, string | undefined][] = [];
    deps.index.upsert = (entry) => {
      placed.push([entry.eventId, entry.report.unexpectedAt]);
      return upsert(entry);
    };
    for (const seed of ["one", "two"]) await post(history({}, { recognize_face: photo(seed) }));
    expect(placed).toHaveLength(3);
    for (const [eventId, place] of placed) expect(place).toBe(eventId);
  });

  it("receives the pictures of a replay under the event that it belongs to", async () => {
    const event = { id: "evt_replayed", fingerprint: "another" };
    await post(fixture("history-nested", "complete"));
    const record = {
      id: "qrt_1",
      box: "gate-1",
      path: "/HistoryEvent",
      reason: "cut",
      receivedAt: deps.now,
      headers: {},
      body: Buffer.from(JSON.stringify(fixture("history-nested", "complete"))),
      event,
    };
    await replay(record, deps);
    expect(put.at(-1)?.[0]).toBe("evt_replayed");
  });

  it("receives nothing of a report without pictures", async () => {
    await post(history({}, {}));
    expect([put, deps.events().length]).toEqual([[], 1]);
  });

  it("has a report sent again if it fails, and no event is kept", async () => {
    deps.pictures.putAll = () => Promise.reject(new Error("full"));
    expect(await post(fixture("history-nested", "complete"))).toMatchObject({ status: 503 });
    expect(deps.events()).toEqual([]);
  });
});
