import { LiveMessages, readConfiguration } from "@gatepost/core/live";
import {
  checkBox,
  type FaceEvent,
  type LocatedPicture,
  merge,
  type PictureKind,
  type StoredEvent,
} from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { noon, picture, report, upsert } from "../../../contract/samples.ts";

const [face, scene] = [picture("face", 60_000), picture("scene", 60_000)];
const stored: StoredEvent = {
  id: upsert("a").eventId,
  box: "gate-1",
  isSecondFace: false,
  reports: [report({ pictures: { face: factsOf(face), scene: factsOf(scene) } })],
  actions: [],
};
const change = { event: merge(stored), before: null as FaceEvent | null };

function factsOf({ data: _, ...facts }: typeof face) {
  return facts;
}

function asking(sent: object) {
  const read = readConfiguration(JSON.stringify({ event_list: ["*"], ...sent }));
  if ("error" in read) throw new Error(read.error);
  return read;
}

let reads: PictureKind[];
beforeEach(() => {
  reads = [];
});
const pictures = {
  async get({ kind, sha256 }: LocatedPicture) {
    reads.push(kind);
    return [face, scene].find((one) => one.sha256 === sha256)?.data ?? null;
  },
};
const clock = () => noon;
const cursor = () => "here";
const parsed = (message: Buffer | null) => (message === null ? null : JSON.parse(message.toString()));
const extOf = { recognize_face: face.data.toString("base64"), spot_pic: scene.data.toString("base64") };

describe("the messages of a check", () => {
  const device = "192.168.1.25";
  const checked = { ...stored, box: checkBox };

  it("a check is sent to subscribers that name its device, not to subscribers to all", async () => {
    const messages = new LiveMessages(checked, { event: merge(checked), before: null }, { pictures, cursor, clock });
    expect(await messages.for(asking({ event_list: [device] }))).not.toBeNull();
    expect(await messages.for(asking({ event_list: ["*"] }))).toBeNull();
    expect(await messages.for(asking({ event_list: ["*"], boxes: [checkBox] }))).toBeNull();
  });

  it("a check without a device is sent to no subscriber", async () => {
    const nowhere = { ...checked, reports: [{ ...report(), device: {} }] };
    const messages = new LiveMessages(nowhere, { event: merge(nowhere), before: null }, { pictures, cursor, clock });
    expect(await messages.for(asking({ event_list: ["*"] }))).toBeNull();
  });
});

describe("the messages of a change", () => {
  it("the form of an event has the names of its box and device", async () => {
    const names = { box: "South gate", device: "Gate S1" };
    const labels = {
      add: async (events: readonly FaceEvent[]) =>
        events.map(({ box, device, ...event }) => ({
          ...{ ...event, box: { ...box, name: names.box }, device: { ...device, label: names.device } },
        })),
    };
    const messages = new LiveMessages(stored, change, { pictures, cursor, clock, boxes: { labels } });
    const message = parsed((await messages.for(asking({ form: "event" }))) ?? null);
    expect(message.event).toMatchObject({ box: { name: names.box }, device: { label: names.device } });
  });

  it("a message has every requested picture if size is unlimited", async () => {
    const message = await new LiveMessages(stored, change, { pictures, cursor, clock }).for(
      asking({ need_face: true }),
    );
    expect(parsed(message)).toMatchObject({ event_id: stored.id, ext_data: extOf });
  });

  it("a message leaves out a picture that does not fit, and has the others", async () => {
    const maxMessageBytes = 128 * 1024;
    const message = await new LiveMessages(stored, change, { pictures, cursor, clock, maxMessageBytes }).for(
      asking({ need_face: true }),
    );
    expect(message?.length).toBeLessThanOrEqual(maxMessageBytes);
    expect(parsed(message)).toMatchObject({ ext_data: { ...extOf, spot_pic: "" } });
    expect(reads).toEqual(["face"]);
  });

  it("a message may be as large as the limit, and no larger", async () => {
    const bare = await new LiveMessages(stored, change, { pictures, cursor, clock }).for(asking({}));
    const size = bare?.length ?? 0;
    const within = (maxMessageBytes: number) =>
      new LiveMessages(stored, change, { pictures, cursor, clock, maxMessageBytes }).for(asking({}));
    expect(await within(size)).toEqual(bare);
    expect(await within(size - 1)).toBeNull();
  });

  it("a message leaves out a picture whose bytes are gone", async () => {
    const gone = { get: async () => null };
    const message = await new LiveMessages(stored, change, { pictures: gone, cursor, clock }).for(
      asking({ need_face: true }),
    );
    expect(parsed(message)).toMatchObject({ ext_data: { recognize_face: "", spot_pic: "" } });
  });

  it("a message is made once for all subscribers of the same form", async () => {
    const messages = new LiveMessages(stored, change, { pictures, cursor, clock });
    const all = await Promise.all([1, 2, 3].map(() => messages.for(asking({ need_face: true }))));
    expect(new Set(all).size).toBe(1);
    expect(reads).toEqual(["face", "scene"]);
    expect(await messages.for(asking({}))).not.toEqual(all[0]);
  });

  it("a subscriber for API events gets the event itself, without bytes of pictures", async () => {
    const messages = new LiveMessages(stored, { ...change, before: change.event }, { pictures, cursor, clock });
    const asked = { form: "event", updates: true, need_face: true, need_register: true };
    const message = parsed(await messages.for(asking(asked)));
    expect(message).toEqual({ event: change.event, isUpdate: true, isCatchUp: false, cursor: cursor() });
    expect(reads).toEqual([]);
  });

  it("a subscriber gets nothing for unwanted events, or for events that it already has", async () => {
    const messages = new LiveMessages(stored, change, { pictures, cursor, clock });
    expect(await messages.for(asking({ event_list: ["elsewhere"] }))).toBeNull();
    const joined = new LiveMessages(stored, { ...change, before: change.event }, { pictures, cursor, clock });
    expect(await joined.for(asking({}))).toBeNull();
    expect(parsed(await joined.for(asking({ updates: true })))).toMatchObject({ updated: true });
    expect(reads).toEqual([]);
  });
});
