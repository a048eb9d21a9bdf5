import { setImmediate as turn } from "node:timers/promises";
import { locatePicture, type Passing, type PictureKind, type Report } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { objectKey, prefixesOf } from "../../../packages/aws/src/pictures/keys.ts";
import { S3PictureStore } from "../../../packages/aws/src/pictures/store.ts";
import { Objects } from "../../../packages/aws/src/s3/objects.ts";
import { noon, picture, report } from "../../contract/samples.ts";

const of = { eventId: "evt_a", box: "gate-1" };

function passing(kinds: readonly PictureKind[], changes: Partial<Report> = {}): Passing {
  const pictures = new Map(kinds.map((kind) => [kind, picture(kind)]));
  const facts = [...pictures].map(([kind, { data: _, ...about }]) => [kind, about]);
  return {
    eventId: of.eventId,
    twinId: "evt_b",
    fingerprint: "face-a",
    keepWhole: null,
    pictures,
    report: report({ pictures: Object.fromEntries(facts), ...changes }),
  };
}

/** A bucket in which each object is written once the test allows it. */
function heldBucket({ held = [], isShared = true }: { held?: Report[]; isShared?: boolean } = {}) {
  const waiting: PromiseWithResolvers<object>[] = [];
  const keys: string[] = [];
  const client = {
    send: ({ input }: { input: { Key: string } }) => {
      keys.push(input.Key);
      const written = Promise.withResolvers<object>();
      waiting.push(written);
      return written.promise;
    },
  };
  const store = new S3PictureStore({
    objects: new Objects(client as never, "pictures", { head: 1000, object: 1000 }),
    shared: { share: async () => isShared },
    heldReports: async () => held,
  });
  return { store, waiting, keys };
}

/** The report as it is stored, and the keys that were written. */
async function stored(sent: Passing, having: Parameters<typeof heldBucket>[0] = {}) {
  const { store, waiting, keys } = heldBucket(having);
  const put = store.putAll(sent, of);
  await turn();
  for (const { resolve } of waiting) resolve({});
  return { report: await put, keys };
}

describe("the pictures of a report", () => {
  it.each<[string, number, Passing, boolean]>([
    ["one", 1, passing(["scene"]), true],
    ["several", 3, passing(["face", "scene", "infrared"]), true],
    ["a registered one that is not shared", 2, passing(["face", "registered"]), false],
  ])("are stored only once each object is, and not if one fails: %s", async (_, objects, sent, isShared) => {
    for (let failing = 0; failing <= objects; failing++) {
      const { store, waiting } = heldBucket({ isShared });
      let outcome = "none";
      const put = store.putAll(sent, of).then(
        () => {
          outcome = "stored";
        },
        (error: Error) => {
          outcome = error.message;
        },
      );
      await turn();
      expect(waiting).toHaveLength(objects);
      for (const [at, one] of waiting.entries()) {
        await turn();
        expect(outcome).toBe("none");
        if (at === failing) one.reject(new Error("the bucket does not answer"));
        else one.resolve({});
      }
      await put;
      expect(outcome).toBe(failing < objects ? "the bucket does not answer" : "stored");
    }
  });

  const nextMonth = { receivedAt: noon + 20 * 86_400_000 };

  it("have the month of the first receipt of their event", async () => {
    const { report: second, keys } = await stored(passing(["face"], nextMonth), {
      held: [report({ kind: "realtime" })],
    });
    expect(keys).toEqual([expect.stringMatching(/^pictures\/2026-11\/evt_a\/history-face-[0-9a-f]{8}\.jpg$/)]);
    expect(second.pictures?.face?.month).toBe("2026-11");
  });

  it("are not written again if a report of their event has brought them", async () => {
    const first = await stored(passing(["face", "registered"]), { isShared: false });
    const again = await stored(passing(["face", "registered"], nextMonth), { isShared: false, held: [first.report] });
    expect([first.keys.length, again.keys]).toEqual([2, []]);
    expect(again.report.pictures).toMatchObject({
      face: { month: "2026-11" },
      registered: { month: "2026-11", own: true },
    });
    const other = await stored(passing(["face"], { kind: "live" }), { held: [first.report] });
    const face = locatePicture({ id: of.eventId, reports: [other.report] }, "face");
    expect([other.keys, face && objectKey(face)]).toEqual([[], first.keys[0]]);
  });

  it("are written again if they are lost, or not shared any more", async () => {
    const first = await stored(passing(["face", "registered"]));
    const lost = { ...first.report, flags: ["picture-lost:face"] };
    const { keys } = await stored(passing(["face", "registered"]), { isShared: false, held: [lost] });
    expect(keys.map((key) => key.replace(/-[0-9a-f]{8}\./, "-HASH."))).toEqual([
      "pictures/2026-11/evt_a/history-face-HASH.jpg",
      "pictures/2026-11/evt_a/history-registered-HASH.jpg",
    ]);
  });
});

it("a PNG has its own ending, alone and shared", () => {
  const facts = { ...picture("a"), contentType: "image/png" as const, event: "evt_a", month: "2026-11" };
  const [own, shared] = (["scene", "registered"] as const).map((kind) =>
    objectKey({ ...facts, report: "pass-record", kind }),
  );
  expect(own).toBe(`pictures/2026-11/evt_a/pass-record-scene-${facts.sha256.slice(0, 8)}.png`);
  expect(shared).toBe(`registered/2026-11/${facts.sha256}.png`);
});

it("an event may have objects in each month since its first receipt", () => {
  const months = (from: string, now: string) => prefixesOf("evt_a", from, Date.parse(now));
  expect(months("2026-11", "2026-11-30T23:59:59Z")).toEqual(["pictures/2026-11/evt_a/"]);
  expect(months("2026-11", "2027-01-01T00:00:00Z")).toEqual(
    ["2026-11", "2026-12", "2027-01"].map((month) => `pictures/${month}/evt_a/`),
  );
});
