import { RecordKind } from "@gatepost/core/records";
import { BrokenRow, storedJson } from "@gatepost/protocol";
import { absent, MemoryItems, present } from "@gatepost/store";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";

const schema = z.object({
  text: z.string().check(z.minLength(1)),
  tags: storedJson(z.array(z.string())),
  reads: z.optional(z.int()),
});
const notes = new RecordKind("note ", schema);

describe("a kind of record", () => {
  it("is read as it was written", async () => {
    const items = new MemoryItems({ clock: () => 0 });
    await items.write(notes.record("1", { text: "a", tags: '["b"]', byTime: "notes", at: "1", ttl: 9 }, absent()));
    await items.write(notes.change("1", { set: { text: "c" }, add: { reads: 2 }, remove: ["ttl"], when: present() }));
    const item = await items.get(notes.pk("1"));
    expect(item).toEqual({ pk: "note 1", text: "c", tags: '["b"]', reads: 2, byTime: "notes", at: "1" });
    expect(notes.read(item ?? {})).toEqual({ text: "c", tags: ["b"], reads: 2 });
    expect(notes.id("note 1")).toBe("1");
  });

  it("leaves out an attribute that is undefined or null", () => {
    const change = notes.record("1", { text: "a", tags: "[]", reads: undefined, ttl: null }, absent());
    expect(change.set).toStrictEqual({ text: "a", tags: "[]" });
    expect(notes.record("1", { text: "a", tags: "[]", reads: null }, absent()).set).toStrictEqual(change.set);
  });

  it("removes an attribute that is changed to null, and leaves one that is undefined as it is", () => {
    const set = { text: undefined, reads: null, ttl: null };
    const change = notes.change("1", { set, remove: ["at"], when: present() });
    expect(change.set).toStrictEqual({});
    expect(change.remove).toEqual(["at", "reads", "ttl"]);
  });

  it.each([
    ["a broken value", () => notes.record("1", { text: "", tags: "[]" }, absent())],
    ["JSON that has another form", () => notes.record("1", { text: "a", tags: "{}" }, absent())],
    ["a broken value in a change", () => notes.change("1", { set: { text: "" }, when: present() })],
    ["a broken value for an absent attribute", () => notes.change("1", { setIfAbsent: { tags: "" }, when: present() })],
    ["a number that is not whole", () => notes.change("1", { add: { reads: 0.5 }, when: present() })],
    ["the removal of a required attribute", () => notes.change("1", { remove: ["text"], when: present() })],
  ])("refuses to write %s", (_, write) => {
    expect(write).toThrow(BrokenRow);
    expect(write).toThrow(/^note 1 /);
  });

  it("names the item that it cannot read", () => {
    expect(() => notes.read({ pk: "note 2", text: "a", tags: "[]", reads: Number.NaN })).toThrow(/^note 2 .*reads/);
  });
});
