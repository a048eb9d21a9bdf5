import { setImmediate as turn } from "node:timers/promises";
import { withKeptDays } from "@gatepost/core/retention";
import type { Passing, PictureKind, Report } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { ownIn } from "../../../packages/aws/src/erasure/event-row.ts";
import { S3PictureBundles } from "../../../packages/aws/src/pictures/bundles.ts";
import { ownKey } from "../../../packages/aws/src/pictures/own.ts";
import { picture, report } from "../../contract/samples.ts";

const eventId = "evt_a";

function passing(kinds: readonly PictureKind[]): Passing {
  const pictures = new Map(kinds.map((kind) => [kind, picture(kind)]));
  const facts = [...pictures].map(([kind, { data: _, ...of }]) => [kind, of]);
  return {
    ...{ eventId, twinId: "evt_b", fingerprint: "face-a", keepWhole: null, pictures },
    report: report({ pictures: Object.fromEntries(facts) }),
  };
}

interface Having {
  held?: Report[];
  isShared?: boolean;
  announcesEvents?: boolean;
}

/** A bucket in which each object is written once the test allows it. */
function heldBucket({ held = [], isShared = true, announcesEvents = true }: Having = {}) {
  const waiting: PromiseWithResolvers<void>[] = [];
  const put = () => {
    const written = Promise.withResolvers<void>();
    waiting.push(written);
    return written.promise;
  };
  const bundles = new S3PictureBundles({
    objects: { bucket: "pictures", put, get: async () => null },
    registered: { share: async () => isShared },
    heldReports: async () => held,
    noteStray: async () => {},
    announcesEvents,
  });
  return { bundles, waiting };
}

/** An event that has its photo in an object with another picture, which an announcement cannot use. */
async function heldTogether(): Promise<Report> {
  const { bundles, waiting } = heldBucket({ announcesEvents: false });
  const sent = passing(["scene", "infrared"]);
  const put = bundles.put(sent, eventId);
  await turn();
  for (const { resolve } of waiting) resolve();
  const { pictures } = await put;
  const { scene, infrared } = pictures ?? {};
  if (scene === undefined || infrared === undefined) throw new Error("nothing was stored");
  return report({ pictures: { infrared: scene, face: { ...infrared, sha256: picture("face").sha256 } } });
}

describe("the pictures of a report", () => {
  it.each<[string, number, () => Promise<[Passing, Having?]>]>([
    ["one of them", 1, async () => [passing(["scene"])]],
    ["several in one object", 1, async () => [passing(["scene", "infrared"]), { announcesEvents: false }]],
    ["the photo of its announcement apart", 2, async () => [passing(["face", "scene", "infrared"])]],
    ["a registered one that is not shared", 2, async () => [passing(["face", "registered"]), { isShared: false }]],
    ["the copy of a photo that is there", 1, async () => [passing(["face"]), { held: [await heldTogether()] }]],
  ])("are stored only once each object is, and not if one fails: %s", async (_, objects, of) => {
    const [sent, having] = await of();
    for (let failing = 0; failing <= objects; failing++) {
      const { bundles, waiting } = heldBucket(having);
      let outcome = "none";
      const put = bundles.put(sent, eventId).then(
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
        else one.resolve();
      }
      await put;
      expect(outcome).toBe(failing < objects ? "the bucket does not answer" : "stored");
    }
  });
});

it("an erasure finds all objects of a broken event, also a scene", async () => {
  const { bundles, waiting } = heldBucket({ announcesEvents: false });
  const put = bundles.put(withKeptDays(passing(["scene", "face"]), 7), eventId);
  await turn();
  for (const { resolve } of waiting) resolve();
  const row = { pk: eventId, r_history: JSON.stringify(await put) };
  expect(ownIn(row).map((ref) => ownKey(ref).replace(/[^/]+$/, "NAME"))).toEqual([
    "pictures/scene/2026-11/NAME",
    "pictures/2026-11/NAME",
  ]);
});
