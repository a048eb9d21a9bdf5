import { spawnSync } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type ZipEntry, zipCrc, zipEnd, zipHead, zipLine, zipTail } from "../../../packages/api/src/exports/zip.ts";

/** Reads a zip file with Python: the name, the offset and the text of each entry. */
const readZip = `import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    print(json.dumps([[i.filename, i.header_offset, z.read(i).decode()] for i in z.infolist()]))`;

it("a zip of over 4 GB has its last entries and directory at readable offsets", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gatepost-zip-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "it.zip");
  await using file = await open(path, "w");
  const lines: Buffer[] = [];
  const put = async (name: string, text: string, { offset, isStreamed }: Pick<ZipEntry, "offset" | "isStreamed">) => {
    const entry = { name, crc: zipCrc(Buffer.from(text)), bytes: text.length, offset, isStreamed };
    const written = [zipHead(entry), Buffer.from(text), ...(isStreamed ? [zipTail(entry)] : [])];
    lines.push(zipLine(entry));
    return offset + (await file.writev(written, offset)).bytesWritten;
  };
  const far = 0xffff_ffff;
  // The file is sparse: its unwritten parts take no space.
  await put("near", "first", { offset: 0, isStreamed: false });
  await put("nearly", "second", { offset: far - 1000, isStreamed: true });
  await put("far", "third", { offset: far, isStreamed: false });
  const offset = await put("farther", "fourth", { offset: far + 1000, isStreamed: true });
  const directory = Buffer.concat(lines);
  await file.write(Buffer.concat([directory, zipEnd(4, { bytes: directory.length, offset })]), 0, null, offset);

  const { stdout, stderr } = spawnSync("python3", ["-c", readZip, path], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual([
    ["near", 0, "first"],
    ["nearly", far - 1000, "second"],
    ["far", far, "third"],
    ["farther", far + 1000, "fourth"],
  ]);
});

it("a zip with too many entries for its short end gives their number elsewhere", () => {
  const directory = { bytes: 70_000 * 50, offset: 9_000_000 };
  const signs = (entries: number) => {
    const end = zipEnd(entries, directory);
    const short = end.subarray(-22);
    return { bytes: end.length, short: [short.readUInt16LE(8), short.readUInt16LE(10)] };
  };
  expect(signs(65_534)).toEqual({ bytes: 22, short: [65_534, 65_534] });
  for (const entries of [65_535, 70_000]) {
    expect(signs(entries)).toEqual({ bytes: 98, short: [65_535, 65_535] });
    const end = zipEnd(entries, directory);
    expect([end.readBigUInt64LE(24), end.readBigUInt64LE(32)]).toEqual([BigInt(entries), BigInt(entries)]);
    // Python does not look for the longer end by this.
    expect(end.readBigUInt64LE(64)).toBe(BigInt(directory.offset + directory.bytes));
  }
});
