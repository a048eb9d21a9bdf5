import { describe, expect, it } from "vitest";
import { seeded } from "../../../packages/simulator/src/random.ts";
import type { CallFacts } from "../../../prove/power/calls.ts";
import { afterCut, Disk, type Fate, type Tree } from "../../../prove/power/disk.ts";
import { fates, kept } from "../../../prove/power/fates.ts";
import { FileHistory } from "../../../prove/power/file-history.ts";

const write = (path: string, text: string, offset: number | null = 0): CallFacts => ({
  kind: "change",
  path,
  change: { offset, data: Buffer.from(text) },
});
const truncate = (path: string, size: number): CallFacts => ({ kind: "change", path, change: { size } });
const name = (kind: "create" | "unlink" | "make-folder", path: string): CallFacts => ({ kind, path });

let syncs = 0;
function sync(path: string, isDone = true): CallFacts[] {
  syncs += 1;
  return [
    { kind: "sync-begin", path, sync: syncs, isDone },
    { kind: "sync-end", path, sync: syncs, isDone },
  ];
}

function after(calls: readonly CallFacts[], before?: Tree): Disk {
  const disk = new Disk("/d", before);
  for (const call of calls) disk.apply(call);
  return disk;
}

function fateOf(name: string, seed = 1): Fate {
  const fate = fates[name]?.(seeded(seed));
  if (fate === undefined) throw new Error(`no fate ${name}`);
  return fate;
}

const texts = ({ files }: Tree) => Object.fromEntries([...files].map(([path, content]) => [path, content.toString()]));
const left = (fate: Fate, calls: readonly CallFacts[], before?: Tree) => texts(afterCut(after(calls, before), fate));

/** A file `a` that was synced, with its name. */
const synced = [name("create", "/d/a"), write("/d/a", "one"), ...sync("/d/a"), ...sync("/d")];

describe("a cut that drops all unsynced changes", () => {
  const dropped = fateOf("dropped");

  it("drops writes since the sync", () => {
    expect(left(dropped, [...synced, write("/d/a", "two")])).toEqual({ a: "one" });
    expect(left(dropped, [...synced, write("/d/a", "two"), ...sync("/d/a")])).toEqual({ a: "two" });
  });

  it("drops a failed sync's writes for good, also after the next sync", () => {
    const failed = [...synced, write("/d/a", "two"), ...sync("/d/a", false)];
    expect(left(dropped, failed)).toEqual({ a: "one" });
    expect(left(kept, failed)).toEqual({ a: "two" });
    const others = [...failed, write("/d/a", "X", 3)];
    expect(left(dropped, [...others, ...sync("/d/a")])).toEqual({ a: "oneX" });
    expect(left(dropped, [...others, write("/d/a", "two"), ...sync("/d/a")])).toEqual({ a: "twoX" });
  });

  it("drops a synced file whose folder was not synced", () => {
    expect(left(dropped, [name("create", "/d/a"), write("/d/a", "one"), ...sync("/d/a")])).toEqual({});
  });

  it("drops everything below a folder whose name was not synced", () => {
    const calls = [name("make-folder", "/d/f"), name("create", "/d/f/a"), ...sync("/d/f/a"), ...sync("/d/f")];
    expect(left(dropped, calls)).toEqual({});
    expect(left(dropped, [...calls, ...sync("/d")])).toEqual({ "f/a": "" });
  });

  it("undoes an unsynced removal, and the file has its synced content", () => {
    expect(left(dropped, [...synced, write("/d/a", "two"), name("unlink", "/d/a")])).toEqual({ a: "one" });
    expect(left(dropped, [...synced, name("unlink", "/d/a"), ...sync("/d")])).toEqual({});
  });

  it("undoes both names of a renaming together", () => {
    const rename: CallFacts = { kind: "rename", path: "/d/a", to: "/d/b" };
    expect(left(dropped, [...synced, rename])).toEqual({ a: "one" });
    expect(left(dropped, [...synced, rename, ...sync("/d")])).toEqual({ b: "one" });
  });

  it("undoes a new size", () => {
    expect(left(dropped, [...synced, truncate("/d/a", 1)])).toEqual({ a: "one" });
    expect(left(dropped, [...synced, truncate("/d/a", 1), ...sync("/d/a")])).toEqual({ a: "o" });
  });

  it("drops writes that were made during a sync", () => {
    const [begin, end] = sync("/d/a");
    const calls = [...synced, write("/d/a", "two"), ...[begin].flatMap((call) => call ?? []), write("/d/a", "six")];
    expect(left(dropped, [...calls, ...[end].flatMap((call) => call ?? [])])).toEqual({ a: "two" });
  });

  it("drops the changes of a failed sync", () => {
    expect(left(dropped, [...synced, write("/d/a", "two"), ...sync("/d/a", false)])).toEqual({ a: "one" });
  });

  it("keeps the files from before", () => {
    const before = { files: new Map([["f/a", Buffer.from("old")]]), folders: ["f", "empty"] };
    expect(left(dropped, [], before)).toEqual({ "f/a": "old" });
    expect(afterCut(new Disk("/d", before), dropped).folders.sort()).toEqual(["empty", "f"]);
  });
});

describe("a process that is killed", () => {
  it("a killed process leaves everything", () => {
    const calls = [...synced, write("/d/a", "more", null), name("create", "/d/b"), write("/d/b", "new")];
    expect(left(kept, calls)).toEqual({ a: "onemore", b: "new" });
  });

  it("a write behind the end fills the gap with zeros", () => {
    expect(left(kept, [...synced, write("/d/a", "x", 5)])).toEqual({ a: "one\0\0x" });
    expect(left(kept, [...synced, truncate("/d/a", 1), truncate("/d/a", 3)])).toEqual({ a: "o\0\0" });
  });

  it("a write into a removed file is not found", () => {
    expect(left(kept, [...synced, name("unlink", "/d/a"), write("/d/a", "x")])).toEqual({});
  });
});

describe("a torn write", () => {
  const calls = [
    name("create", "/d/a"),
    write("/d/a", "1".repeat(2048)),
    ...sync("/d/a"),
    ...sync("/d"),
    write("/d/a", "2".repeat(2048)),
    write("/d/a", "3".repeat(1024), 512),
  ];
  const sectorsOf = (text = "") => text.match(/.{512}/g) ?? [];

  it("a torn write leaves each sector in one of its states, and mixes none", () => {
    const seen = new Set<string>();
    for (let seed = 1; seed < 600; seed++) {
      const sectors = sectorsOf(left(fateOf("torn-512", seed), calls)["a"]);
      expect(sectors).toHaveLength(4);
      for (const sector of sectors) expect(new Set(sector).size).toBe(1);
      expect(sectors[0]).not.toContain("3");
      seen.add(sectors.map((sector) => sector[0]).join(""));
    }
    // First and last sector have two moments, those between three.
    expect(seen.size).toBe(2 * 3 * 3 * 2);
  });

  it("a torn write of pages does not tear within a page", () => {
    for (let seed = 1; seed < 20; seed++) {
      const found = left(fateOf("torn-4096", seed), calls)["a"];
      expect(["1".repeat(2048), "2".repeat(2048), `${"2".repeat(512)}${"3".repeat(1024)}${"2".repeat(512)}`]).toContain(
        found,
      );
    }
  });

  it("a cut may tear only the last write", () => {
    for (let seed = 1; seed < 20; seed++) {
      const sectors = sectorsOf(left(fateOf("last-torn", seed), calls)["a"]);
      expect(sectors.map((sector) => sector[0]).join("")).toMatch(/^2[23][23]2$/);
    }
  });
});

it("reordered writes leave each file in one of its states", () => {
  const calls = [
    ...synced,
    name("create", "/d/b"),
    ...sync("/d"),
    write("/d/a", "two"),
    write("/d/b", "first"),
    write("/d/b", "later"),
  ];
  const seen = new Set<string>();
  for (let seed = 1; seed < 80; seed++) seen.add(JSON.stringify(left(fateOf("reordered", seed), calls)));
  const expected = ["one", "two"].flatMap((a) => ["", "first", "later"].map((b) => JSON.stringify({ a, b })));
  expect([...seen].sort()).toEqual(expected.sort());
});

describe("a file that was cut short", () => {
  const old = "o".repeat(2000);
  const opened = (size: number) => {
    const file = new FileHistory(Buffer.from(old));
    file.change({ number: 1, size });
    return file;
  };
  const all = () => 9;
  const none = () => 0;
  const even = (sector: number) => (sector % 2 === 0 ? 9 : 0);

  it("a shortened file has its old size or the new one, without zeros", () => {
    for (const versionOf of [all, none, even]) {
      expect(opened(0).after({ grain: 512, versionOf, sizeVersion: 0 }).toString()).toBe(old);
      expect(opened(600).after({ grain: 512, versionOf, sizeVersion: 1 }).toString()).toBe(old.slice(0, 600));
    }
  });

  it("a file that was cut short has no later bytes in its old sectors", () => {
    const file = opened(512);
    file.change({ number: 2, offset: 0, data: Buffer.from("n".repeat(2000)) });
    expect(file.after({ grain: 512, versionOf: all, sizeVersion: 0 }).toString()).toBe(
      "n".repeat(512) + old.slice(512),
    );
    const [first, second, third] = ["n".repeat(512), "\0".repeat(512), "n".repeat(512)];
    const short = file.after({ grain: 512, versionOf: even, sizeVersion: 2 }).toString();
    expect(short).toBe(first + second + third + "\0".repeat(464));
  });
});
