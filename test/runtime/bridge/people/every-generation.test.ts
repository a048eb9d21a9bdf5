import { describe, expect, it } from "vitest";
import { boxOf, face, look, never, Order, order, otherFace, versions } from "./support.ts";

describe.each(versions)("generation %s", (generation, version) => {
  it("registers a stranger, who is recognised at the next passing", async () => {
    const { people, library, site } = await boxOf(version);
    const tried = new Order();
    const outcome = await people.register(order, tried.attempt());
    expect(outcome).toEqual({ state: "done", note: null });
    const { name, type, faces, permissionIds } = library.get(order.personId);
    expect({ name, type, faces: faces.length }).toEqual({ name: "王芳", type: 2, faces: 1 });
    expect(faces[0]?.photo).toBe(face.toString("base64"));
    expect(permissionIds.map((id) => library.permission(id)?.name)).toEqual(["Staff 员工"]);
    expect(tried.kept).toEqual({ generation, personId: order.personId, before: null });
    expect(library.recognise(site.passingOf(look).person.look)?.id).toBe(order.personId);
  });

  it("gives a known person the new name, type, group and photo, keeping other groups", async () => {
    const { people, library } = await boxOf(version);
    await people.register(order, new Order().attempt());
    const again = { ...order, name: "Wang Fang", type: "vip", group: "Board", photo: otherFace } as const;
    expect(await people.register(again, new Order().attempt())).toEqual({ state: "done", note: null });
    const { name, type, faces, permissionIds } = library.get(order.personId);
    expect({ name, type, faces: faces.length }).toEqual({ name: "Wang Fang", type: 5, faces: 1 });
    expect(faces[0]?.photo).toBe(otherFace.toString("base64"));
    expect(permissionIds.map((id) => library.permission(id)?.name)).toEqual(["Staff 员工", "Board"]);
    expect(library.size).toBe(6);
  });

  it("registers on the blacklist, even if the box cannot create that type", async () => {
    const { people, library } = await boxOf(version);
    const blacklisted = { ...order, type: "blacklist" } as const;
    expect(await people.register(blacklisted, new Order().attempt())).toMatchObject({ state: "done" });
    expect(library.get(order.personId).type).toBe(3);
  });

  it("replaces a photo, and keeps name, type and groups", async () => {
    const { people, library } = await boxOf(version);
    await people.register(order, new Order().attempt());
    const { faces: _, ...before } = library.get(order.personId);
    const outcome = await people.updatePhoto(
      { personId: order.personId, name: null, photo: otherFace },
      new Order().attempt(),
    );
    expect(outcome).toEqual({ state: "done", note: null });
    const { faces, ...after } = library.get(order.personId);
    expect(faces.map(({ photo }) => photo)).toEqual([otherFace.toString("base64")]);
    expect(after).toEqual(before);
  });

  it("undoes a registration by removing the person", async () => {
    const { people, library } = await boxOf(version);
    const tried = new Order();
    await people.register(order, tried.attempt());
    if (tried.kept === null) throw new Error("nothing was kept");
    for (const _ of ["once", "again"]) {
      expect(await people.undo(tried.kept, tried.undoing())).toEqual({ state: "done", note: null });
      expect(library.find(order.personId)).toBeUndefined();
    }
  });

  it("undoes changes to a known person: photo, name, type and groups", async () => {
    const { people, library } = await boxOf(version);
    await people.register(order, new Order().attempt());
    const { faces: old, ...before } = library.get(order.personId);
    const tried = new Order();
    const changed = { ...order, name: "X", type: "vip", group: "Board", photo: otherFace } as const;
    await people.register(changed, tried.attempt());
    if (tried.kept === null) throw new Error("nothing was kept");
    for (const _ of ["once", "again"]) {
      expect(await people.undo(tried.kept, tried.undoing())).toEqual({ state: "done", note: null });
      const { faces, ...after } = library.get(order.personId);
      expect(after).toEqual(before);
      expect(faces.map(({ photo }) => photo)).toEqual(old.map(({ photo }) => photo));
    }
  });

  it("does not bring back a person who was removed since by an undo", async () => {
    const { people, library } = await boxOf(version);
    await people.register(order, new Order().attempt());
    const tried = new Order();
    await people.updatePhoto({ personId: order.personId, name: null, photo: otherFace }, tried.attempt());
    await people.remove(order.personId, never);
    if (tried.kept === null) throw new Error("nothing was kept");
    expect(await people.undo(tried.kept, tried.undoing())).toMatchObject({
      state: "failed",
      reason: expect.stringMatching(/removed/),
    });
    expect(library.find(order.personId)).toBeUndefined();
  });

  it("removes a person, and succeeds for an absent one", async () => {
    const { people, library } = await boxOf(version);
    await people.register(order, new Order().attempt());
    for (const _ of ["once", "again"]) {
      expect(await people.remove(order.personId, never)).toEqual({ state: "done", note: null });
      expect(library.find(order.personId)).toBeUndefined();
    }
    expect(library.size).toBe(5);
  });

  it("compares two faces if the box can, and never guesses", async () => {
    const { people } = await boxOf(version);
    await people.register(order, new Order().attempt());
    const [same, different] = [
      await people.compare(order.personId, face, never),
      await people.compare(order.personId, otherFace, never),
    ];
    const unable = { state: "failed", reason: "The box cannot compare faces." };
    expect(same).toEqual(generation === "A" ? unable : { state: "same" });
    expect(different).toEqual(generation === "A" ? unable : { state: "different" });
  });

  it("makes no event on the box by anything it does", async () => {
    const { people, box } = await boxOf(version);
    const tried = new Order();
    await people.register(order, tried.attempt());
    await people.updatePhoto({ personId: order.personId, name: null, photo: otherFace }, new Order().attempt());
    await people.compare(order.personId, face, never);
    await people.remove(order.personId, never);
    expect(box.waiting).toBe(0);
  });

  it("writes nothing if the box already has the person and photo", async () => {
    const { people, library } = await boxOf(version);
    await people.register(order, new Order().attempt());
    const { faces } = library.get(order.personId);
    expect(await people.register(order, new Order().attempt())).toEqual({ state: "done", note: null });
    await people.updatePhoto({ personId: order.personId, name: null, photo: face }, new Order().attempt());
    expect(library.get(order.personId).faces).toEqual(faces);
  });
});
