import { LiveMessages, readConfiguration } from "@gatepost/core/live";
import { checkBox, merge, type PictureKind, type StoredEvent } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { picture, report, upsert } from "../../../contract/samples.ts";

const [face, scene] = [picture("face", 60_000), picture("scene", 60_000)];
const stored: StoredEvent = {
  id: upsert("a").eventId,
  box: "gate-1",
  isSecondFace: false,
  reports: [report({ pictures: { face: factsOf(face), scene: factsOf(scene) } })],
  actions: [],
};
function factsOf({ data: _, ...facts }: typeof face) {
  return facts;
}

function asking(sent: object) {
  const read = readConfiguration(JSON.stringify({ event_list: ["*"], ...sent }));
  if (read === null) throw new Error("this is no configuration");
  return read;
}

let reads: PictureKind[];
beforeEach(() => {
  reads = [];
});
const bytesOf = { face: face.data, scene: scene.data, registered: null, infrared: null };
const parsed = (message: Buffer | null) => (message === null ? null : JSON.parse(message.toString()));
/** The messages for an event, by default for the write that made it. */
const messagesOf = (event: StoredEvent, before: StoredEvent | null = null) =>
  new LiveMessages({
    event: merge(event),
    before: before && merge(before),
    async picture(kind) {
      reads.push(kind);
      return bytesOf[kind];
    },
  });

describe("the messages of a check", () => {
  const device = "192.168.1.25";
  const checked = { ...stored, box: checkBox };

  it("a check is sent to clients that name its device, not to clients of all", async () => {
    expect(await messagesOf(checked).for(asking({ event_list: [device] }))).not.toBeNull();
    expect(await messagesOf(checked).for(asking({ event_list: ["*"] }))).toBeNull();
  });

  it("a check without a device is sent to no client", async () => {
    const nowhere = { ...checked, reports: [{ ...report(), device: {} }] };
    expect(await messagesOf(nowhere).for(asking({ event_list: ["*"] }))).toBeNull();
  });
});

describe("the messages of a change", () => {
  it("a message has every picture that was asked for", async () => {
    const ext_data = { recognize_face: face.data.toString("base64"), spot_pic: scene.data.toString("base64") };
    expect(parsed(await messagesOf(stored).for(asking({ need_face: true })))).toMatchObject({
      event_id: stored.id,
      ext_data,
    });
  });

  it("a message leaves out a picture that is not there", async () => {
    const message = parsed(await messagesOf(stored).for(asking({ need_register: true })));
    expect(message).toMatchObject({ reg_pic: "", ext_data: { recognize_face: "", spot_pic: "" } });
    expect(reads).toEqual(["registered"]);
  });

  it("a message is made once for all clients of the same form", async () => {
    const messages = messagesOf(stored);
    const all = await Promise.all([1, 2, 3].map(() => messages.for(asking({ need_face: true }))));
    expect(new Set(all).size).toBe(1);
    expect(reads).toEqual(["face", "scene"]);
    expect(await messages.for(asking({}))).not.toEqual(all[0]);
  });

  it("a client gets nothing for unwanted events, or for events that it already has", async () => {
    expect(await messagesOf(stored).for(asking({ event_list: ["elsewhere"] }))).toBeNull();
    const joined = { ...stored, reports: [...stored.reports, report({ kind: "realtime" })] };
    expect(await messagesOf(joined, stored).for(asking({}))).toBeNull();
    expect(reads).toEqual([]);
  });
});
