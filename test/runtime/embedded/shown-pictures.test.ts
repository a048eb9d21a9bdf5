import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { day, noon, picture, upsert } from "../../contract/samples.ts";
import { afterKill, erase, isThere, month, refer, show } from "./shown-pictures.ts";
import { openedByTests } from "./temporary.ts";

const { closers, openRuntimeHere } = openedByTests();

const later = noon + 60 * day;

describe("a picture", () => {
  const [own, shared] = [picture("own"), picture("shared")];

  it("is erased with its only event, and stored anew with another", async () => {
    const { runtime } = await openRuntimeHere({ clock: () => noon });
    for (const event of ["first", "again"]) {
      await show(runtime, { event, shown: [own, own] });
      expect(await isThere(runtime, own)).toBe(true);
      await erase(runtime, event);
      expect(await isThere(runtime, own)).toBe(false);
    }
  });

  it.each([
    ["first", "second", "third"],
    ["second", "third", "first"],
    ["third", "first", "second"],
  ])("is erased with the last of its three events: %s, %s, %s", async (...order) => {
    const { runtime, folder } = await openRuntimeHere({ clock: () => noon });
    for (const event of ["first", "second", "third"]) await show(runtime, { event, shown: [shared] });
    const after = await afterKill(folder);
    closers.push(after.end);
    for (const on of [runtime, after.runtime])
      for (const event of order) {
        expect(await isThere(on, shared)).toBe(true);
        await erase(on, event);
      }
    expect([await isThere(runtime, shared), await isThere(after.runtime, shared)]).toEqual([false, false]);
  });

  it("stays for its other events after its first event is gone", async () => {
    const { runtime } = await openRuntimeHere({ clock: () => noon });
    for (const event of ["first", "second"]) await show(runtime, { event, shown: [shared] });
    await erase(runtime, "first");
    const next = (await show(runtime, { event: "third", shown: [shared] })).outcome;
    await erase(runtime, "second");
    expect([next, await isThere(runtime, shared)]).toEqual(["created", true]);
    await erase(runtime, "third");
    expect(await isThere(runtime, shared)).toBe(false);
  });

  it("is erased with its event if a further report added it, shown or not", async () => {
    const { runtime } = await openRuntimeHere({ clock: () => noon });
    const unshown = picture("unshown");
    await show(runtime, { event: "other", shown: [shared] });
    await show(runtime, { event: "event", shown: [], kind: "realtime" });
    await show(runtime, { event: "event", shown: [own, shared] });
    expect((await show(runtime, { event: "event", shown: [unshown] })).outcome).toBe("duplicate");
    await erase(runtime, "event");
    const left = await Promise.all([own, unshown, shared].map((one) => isThere(runtime, one)));
    expect(left).toEqual([false, false, true]);
  });

  it("is shown by no event if it does not exist", async () => {
    const { runtime } = await openRuntimeHere({ clock: () => noon });
    await show(runtime, { event: "known", shown: [shared] });
    for (const event of ["known", "new"]) {
      const referred = refer(runtime, { event, shown: [shared, own], kind: "realtime" });
      await expect(referred).rejects.toThrow(`picture ${month}/${own.sha256} of event`);
    }
    expect(await runtime.reads.events.get(upsert("new").eventId)).toBeNull();
    await erase(runtime, "known");
    expect(await isThere(runtime, shared)).toBe(false);
  });

  it("cannot be removed while a first or further event shows it", async () => {
    const { runtime } = await openRuntimeHere({ clock: () => noon });
    await show(runtime, { event: "first", shown: [shared] });
    const drop = () => {
      using database = new DatabaseSync(runtime.folder.database);
      database.exec("DELETE FROM pictures");
    };
    expect(drop).toThrow("an event shows this picture");
    await show(runtime, { event: "second", shown: [shared] });
    await erase(runtime, "first");
    expect(drop).toThrow("an event shows this picture");
  });

  it("keeps the pack of its month while any event shows it", async () => {
    const { runtime } = await openRuntimeHere({ clock: () => later });
    await show(runtime, { event: "first", shown: [shared, own], expiresAt: noon + day });
    await show(runtime, { event: "second", shown: [shared] });
    await runtime.retention.sweep(later);
    expect(await isThere(runtime, shared)).toBe(true);
    await runtime.retention.sweep(later + 90 * day);
    expect(await isThere(runtime, shared)).toBe(false);
  });
});
