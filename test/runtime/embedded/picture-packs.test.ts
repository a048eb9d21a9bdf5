import { readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openRuntime } from "@gatepost/embedded";
import { Writer } from "@gatepost/sqlite";
import { expect, it, onTestFinished, vi } from "vitest";
import { openDatabase } from "../../../packages/embedded/src/db/database.ts";
import { Pack } from "../../../packages/embedded/src/pictures/pack.ts";
import { PictureRows } from "../../../packages/embedded/src/pictures/rows.ts";
import { PicturePacks } from "../../../packages/embedded/src/pictures/store.ts";
import { picture } from "../../contract/samples.ts";
import { fileHandles, openBelow } from "../../support/file-handles.ts";
import { pictureAt, putPicture } from "../../support/stored-pictures.ts";
import { openedByTests, temporaryFolder } from "./temporary.ts";

const { closers } = openedByTests();
const month = "2026-03";
const quiet = () => {};

/** A writer that writes waiting work only on request, in the order of its arrival. */
class HeldWriter extends Writer {
  #isHeld = false;
  #held: (() => void)[] = [];

  hold(): void {
    this.#isHeld = true;
  }

  get waiting(): number {
    return this.#held.length;
  }

  release(): void {
    this.#isHeld = false;
    for (const write of this.#held.splice(0)) write();
  }

  override run<T>(work: () => T): Promise<T> {
    if (!this.#isHeld) return super.run(work);
    return new Promise((resolve) => this.#held.push(() => resolve(super.run(work))));
  }
}

it("a picture stored during the removal of its month's pack is complete or absent", async () => {
  const { path, remove } = await temporaryFolder();
  const database = openDatabase(":memory:");
  const writer = new HeldWriter(database);
  const log = { info: quiet, warn: quiet, error: quiet };
  const packs = new PicturePacks(path, { rows: new PictureRows(database), writer, log });
  closers.push(
    remove,
    async () => database.close(),
    () => packs.close(),
  );
  const [expired, replayed] = [picture("expired"), picture("replayed")];
  await packs.put(month, expired);
  await writer.run(() => database.exec("DELETE FROM pictures"));

  writer.hold();
  const removed = packs.remove(month);
  await expect.poll(() => writer.waiting).toBe(1);
  await packs.put(month, replayed);
  writer.release();
  await removed;
  await writer.idle();
  const isNamed = database.prepare("SELECT 1 FROM pictures").get() !== undefined;
  expect((await packs.find(month, replayed.sha256)) !== null).toBe(isNamed);

  const next = [replayed, picture("next")];
  for (const one of next) await packs.put(month, one);
  await writer.idle();
  for (const { sha256, data } of next) expect(await packs.find(month, sha256)).toEqual(data);
  await packs.checkFiles();
});

it("bytes left by a crash are cut off, unless another database knows them", async () => {
  const { path: data, remove } = await temporaryFolder();
  closers.push(remove);
  const warned: string[] = [];
  const log = { info: quiet, error: quiet, warn: (message: string) => void warned.push(message) };
  const pack = join(data, "pictures", `${month}.pack`);
  const [first, second, third] = [picture("first"), picture("second"), picture("third")];
  const store = async (one: typeof first) => {
    const runtime = await openRuntime({ data, log });
    await putPicture(runtime.ingest.pictures, month, "face", one);
    await runtime.close();
  };
  await store(first);
  const { size } = await stat(pack);
  await writeFile(pack, "cut off", { flag: "a" });
  await store(second);
  expect([(await stat(pack)).size, warned]).toEqual([size + second.bytes, []]);

  await truncate(pack, size + 70_000_000);
  await writeFile(pack, "of another", { flag: "a" });
  await store(third);
  const runtime = await openRuntime({ data, log });
  closers.push(() => runtime.close());
  for (const one of [first, second, third])
    expect(await runtime.reads.pictures.get(pictureAt(month, "face", one.sha256))).toEqual(one.data);
  const written = await readFile(pack);
  expect(written.indexOf("of another")).toBe(size + 70_000_000);
  expect(warned).toEqual(["a pack has pictures that the database does not know"]);
});

it("a pack that cannot be opened leaves no file open", async () => {
  const { path, remove } = await temporaryFolder();
  closers.push(remove);
  const syncing = vi.spyOn(await fileHandles(), "sync").mockRejectedValue(new Error("the disk is gone"));
  onTestFinished(() => syncing.mockRestore());
  const opened = Pack.open(join(path, "2026-03.pack"), { endWithin: () => 0, onLeft: quiet });
  await expect(opened).rejects.toThrow("the disk is gone");
  expect(await openBelow(path)).toEqual([]);
});
