import { join } from "node:path";
import { withFaces } from "@gatepost/simulator";
import { describe, expect, it } from "vitest";
import { freePort } from "../../../standins/listen.ts";
import { album, temporary } from "../../../unit/simulator/support.ts";
import { boxOf, face, look, never, Order, order, otherFace, untilEnded, versions } from "./support.ts";

const scene = album.picture("scene", 1, "x");
const noFace = withFaces(scene, [], "an empty hall");
const manyFaces = withFaces(scene, [look, 3, 4], "a group");
const noPicture = Buffer.from("GIF89a no JPEG");
const update = { personId: order.personId, name: null, photo: otherFace };

const both = versions.flatMap(([generation, version]) =>
  ([200, 400] as const).map((status) => [generation, status, version] as const),
);

describe.each(both)("generation %s, which refuses with HTTP %i", (generation, errorStatus, version) => {
  const open = async () => {
    const opened = await boxOf(version);
    opened.library.settings.errorStatus = errorStatus;
    return opened;
  };
  const failing = async (photo: Buffer, prepare = (_: Awaited<ReturnType<typeof open>>) => {}) => {
    const opened = await open();
    prepare(opened);
    const outcome = await opened.people.register({ ...order, photo }, new Order().attempt());
    expect(opened.library.find(order.personId)).toBeUndefined();
    return outcome;
  };

  it.each([
    ["a photo without a face", noFace, /^The box finds no face in the photo/],
    ["what is no picture", noPicture, /^The box cannot read the photo/],
    ["more than 5 MB", Buffer.alloc(5 * 1024 * 1024 + 1, 0xff), /over 5 MB/],
    ["nothing", Buffer.alloc(0), /There is no photo/],
  ])("fails with the reason at %s", async (_, photo, reason) => {
    expect(await failing(photo)).toMatchObject({ state: "failed", reason: expect.stringMatching(reason) });
  });

  it("names the faults of a photo if the box checks quality", async () => {
    const opened = await open();
    opened.library.settings.failingItems = ["headpose", "clarity"];
    const outcome = await opened.people.register(order, new Order().attempt());
    const refused = { state: "failed", reason: "The photo is too poor for the box: headpose, clarity." };
    expect(outcome).toEqual(generation === "A" ? { state: "done", note: null } : refused);
  });

  it("fails with the reason if the library is full", async () => {
    const full = ({ library }: Awaited<ReturnType<typeof open>>) => {
      library.settings.capacity = library.size;
    };
    expect(await failing(face, full)).toMatchObject({
      state: "failed",
      reason: expect.stringMatching(/^The library of the box is full/),
    });
  });

  it("takes over an id that appeared between reading and writing", async () => {
    const { people, library } = await open();
    library.settings.mishap = (_, { text }) => {
      if (text.includes("ignore_exist") || text.includes("force_replace")) {
        library.settings.mishap = () => null;
        const rival = { faceId: "f", imageId: "i", look, photo: face.toString("base64") };
        library.put({
          id: order.personId,
          name: "?",
          type: 4,
          libraries: ["default_group"],
          permissionIds: [],
          info: {},
          faces: [rival],
        });
      }
      return null;
    };
    const outcome = await people.register(order, new Order().attempt());
    const { name, type, faces } = library.get(order.personId);
    expect(outcome).toEqual({ state: "done", note: null });
    expect({ name, type }).toEqual({ name: "王芳", type: 2 });
    // Generation A has no way to ask for one face alone.
    expect(faces.length).toBeLessThanOrEqual(generation === "A" ? 2 : 1);
  });

  it("fails to update an unknown person, and creates none", async () => {
    const { people, library } = await open();
    const tried = new Order();
    const outcome = await people.updatePhoto(update, tried.attempt());
    expect(outcome).toEqual({ state: "failed", reason: "The box does not have this person." });
    expect(tried.kept).toBeNull();
    expect(library.size).toBe(5);
  });

  it("detects a photo that the box accepted but did not store", async () => {
    const { people, library } = await open();
    await people.register(order, new Order().attempt());
    library.settings.keepsOldPhoto = true;
    const outcome = await people.updatePhoto(update, new Order().attempt());
    expect(outcome).toMatchObject({ state: "failed", reason: expect.stringMatching(/still has the earlier one/) });
  });

  it("keeps no undo state of a refused order", async () => {
    const { people, library } = await open();
    const tried = new Order();
    const size = library.settings.capacity;
    library.settings.capacity = library.size;
    expect(await people.register(order, tried.attempt())).toMatchObject({ state: "failed" });
    library.settings.capacity = size;
    expect(tried.kept).toBeNull();
    await people.register(order, new Order().attempt());
    library.settings.keepsOldPhoto = true;
    const updated = new Order();
    expect(await people.updatePhoto(update, updated.attempt())).toMatchObject({ state: "failed" });
    expect(updated.kept).toBeNull();
    // Half of it was done.
    const renamed = new Order();
    await people.register({ ...order, name: "X", photo: otherFace }, renamed.attempt());
    expect(renamed.kept).not.toBeNull();
  });

  it("takes the largest of several faces", async () => {
    const { people, library } = await open();
    const photo = manyFaces;
    expect(await people.register({ ...order, photo }, new Order().attempt())).toMatchObject({ state: "done" });
    expect(library.recognise(look)?.id).toBe(order.personId);
  });

  it("reports missing checks, and a missing old photo, if the box hides photos", async () => {
    const { people, library } = await open();
    await people.register(order, new Order().attempt());
    library.settings.hidesPictures = true;
    const tried = new Order();
    const outcome = await people.updatePhoto(update, tried.attempt());
    expect(outcome).toMatchObject({ state: "done", note: expect.stringMatching(/does not give out the photo/) });
    if (tried.kept === null) throw new Error("nothing was kept");
    expect(await people.undo(tried.kept, tried.undoing())).toMatchObject({
      state: "failed",
      reason: expect.stringMatching(/had not given out/),
    });
    expect(await people.compare(order.personId, face, never)).toMatchObject({ state: "failed" });
  });

  it("fails an order whose person was removed since it began", async () => {
    const { people, library } = await open();
    await people.register(order, new Order().attempt());
    const tried = new Order();
    await people.register({ ...order, photo: otherFace }, tried.attempt());
    await people.remove(order.personId, never);
    const again = await people.register({ ...order, photo: otherFace }, tried.attempt());
    expect(again).toMatchObject({ state: "failed", reason: expect.stringMatching(/removed from the box since/) });
    expect(library.size).toBe(5);
  });
});

describe.each(versions)("generation %s", (_, version) => {
  it("waits while the box restarts, and has the person once after it", async () => {
    const file = join(await temporary(), "people.json");
    const first = await boxOf(version, { file, port: await freePort() });
    first.library.settings.mishap = (_number, { text }) => {
      if (!text.includes(face.toString("base64"))) return null;
      void first.served.close();
      return "silence-after";
    };
    const tried = new Order();
    expect(await first.people.register(order, tried.attempt())).toMatchObject({ state: "later" });
    expect(await first.people.register(order, tried.attempt())).toMatchObject({
      state: "later",
      reason: expect.stringMatching(/REFUSED/),
    });
    const second = await boxOf(version, { file, port: first.served.port });
    const outcome = await untilEnded(second.open, (people, one) => people.register(order, one.attempt()), tried);
    expect(outcome).toMatchObject({ state: "done", note: null });
    expect(second.library.get(order.personId).faces).toHaveLength(1);
  });

  it("changes nothing if the state for an undo could not be kept", async () => {
    const { people, library } = await boxOf(version);
    const unkeep = () => Promise.reject(new Error("nothing was kept"));
    const keep = () => Promise.reject(new Error("disk full"));
    const attempt = { ...new Order().attempt(), keep, unkeep };
    await expect(people.register(order, attempt)).rejects.toThrow("disk full");
    expect(library.size).toBe(5);
  });

  it("ends at once when it is to stop", async () => {
    const { people } = await boxOf(version);
    const stop = AbortSignal.abort(new Error("stopping"));
    await expect(people.register(order, new Order().attempt(stop))).rejects.toThrow("stopping");
  });

  it("does several orders for one person one after the other", async () => {
    const { people, library, open } = await boxOf(version);
    const orders = [order, { ...order, photo: otherFace }, order, { ...order, name: "X" }];
    const outcomes = await Promise.all(orders.map((one) => people.register(one, new Order().attempt())));
    expect(outcomes.map(({ state }) => state)).toEqual(orders.map(() => "done"));
    expect(library.get(order.personId).faces).toHaveLength(1);
    const others = ["p1", "p2", "p3"].map((personId) => ({ ...order, personId }));
    await Promise.all(others.flatMap((one) => [open(), open()].map((box) => box.register(one, new Order().attempt()))));
    expect(library.size).toBe(9);
    expect(library.permissions()).toHaveLength(1);
  });
});
