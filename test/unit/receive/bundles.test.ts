import { locatePicture, type Passing, type PictureFacts, type Report } from "@gatepost/protocol";
import { replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { fixture } from "../../support/fixtures.ts";
import { send, success } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";

let deps: MemoryPorts;
let token: string;
let put: [eventId: string, kinds: string[]][];
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
  put = [];
  deps.bundles = {
    async put({ report, pictures }: Passing, eventId: string): Promise<Report> {
      put.push([eventId, [...pictures.keys()]]);
      const placed = Object.entries(report.pictures ?? {}).map(([kind, facts]) => [kind, { ...facts, in: eventId }]);
      return { ...report, pictures: Object.fromEntries(placed) };
    },
    async addressOf({ in: name }: PictureFacts) {
      return name === undefined ? null : { bucket: "own", key: name };
    },
  };
});

const post = (body: unknown) => send(deps, { path: `/${token}/HistoryEvent`, body });
const idOf = (index: number) => deps.events()[index]?.id ?? "";
const placeOf = async (id: string) => locatePicture((await deps.reads.events.get(id))?.reports ?? [], "face")?.in;

describe("a store that keeps the pictures of a report together", () => {
  it("receives the pictures at once, and the event contains their places", async () => {
    expect(await post(fixture("history-nested", "complete"))).toEqual(success);
    expect(put).toEqual([[idOf(0), ["registered", "scene", "face"]]]);
    expect(deps.storedPictures()).toEqual([]);
    expect(await placeOf(idOf(0))).toBe(idOf(0));
  });

  it("receives the pictures of a frame's second face under the event of that face", async () => {
    await post(history({}, { recognize_face: photo("one") }));
    await post(history({}, { recognize_face: photo("two") }));
    const [first = "", twin = ""] = deps
      .events()
      .sort((a, b) => a.flags.length - b.flags.length)
      .map(({ id }) => id);
    expect(put.map(([id]) => id)).toEqual([first, first, twin]);
    expect([await placeOf(first), await placeOf(twin)]).toEqual([first, twin]);
  });

  it("receives the pictures of a replay under the event that it belongs to", async () => {
    const event = { id: "evt_replayed", fingerprint: "another" };
    await post(fixture("history-nested", "complete"));
    const record = {
      ...{ id: "qrt_1", box: "gate-1", path: "/HistoryEvent", reason: "cut", receivedAt: deps.now, headers: {} },
      ...{ body: Buffer.from(JSON.stringify(fixture("history-nested", "complete"))), event },
    };
    await replay(record, deps);
    expect(put.at(-1)?.[0]).toBe("evt_replayed");
  });

  it("keeps no event if it fails, and the box must send the report again", async () => {
    deps.bundles = { put: () => Promise.reject(new Error("full")), addressOf: async () => null };
    expect(await post(fixture("history-nested", "complete"))).toMatchObject({ status: 503 });
    expect(deps.events()).toEqual([]);
  });

  it("returns the address of the photo of an announcement", async () => {
    await post(fixture("history-nested", "update-photo"));
    expect(deps.announced[0]?.detail).toMatchObject({ photo: { bucket: "own", key: idOf(0) } });
  });

  it("announces the photo of an older event with its old address", async () => {
    if (deps.bundles !== undefined) deps.bundles.put = async ({ report }) => report;
    await post(fixture("history-nested", "update-photo"));
    expect(deps.announced[0]?.detail).toMatchObject({ photo: { key: expect.stringMatching(/^2026-03\/face\//) } });
  });

  it("leaves an action pending if it cannot return the photo's address", async () => {
    if (deps.bundles !== undefined) deps.bundles.addressOf = () => Promise.reject(new Error("no copy"));
    expect(await post(fixture("history-nested", "update-photo"))).toEqual(success);
    expect(deps.announced).toEqual([]);
    expect(deps.events()[0]?.actions).toMatchObject([{ state: "pending" }]);
  });
});
