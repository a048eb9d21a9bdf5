import { Writer } from "@gatepost/sqlite";
import { expect, it } from "vitest";
import { openDatabase } from "../../../packages/embedded/src/db/database.ts";
import { PictureRows } from "../../../packages/embedded/src/pictures/rows.ts";
import { PicturePacks } from "../../../packages/embedded/src/pictures/store.ts";
import { picture } from "../../contract/samples.ts";
import { openedByTests, temporaryFolder } from "./temporary.ts";

const { closers } = openedByTests();
const month = "2026-03";
const quiet = () => {};

/** A writer that writes what waits only when it is told to, in the order in which it came. */
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

it("a picture that comes while the pack of its month is removed is whole or not there, and the next one is stored", async () => {
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
  await packs.put(month, "face", expired);
  await writer.run(() => database.exec("DELETE FROM pictures"));

  writer.hold();
  const removed = packs.remove(month);
  await expect.poll(() => writer.waiting).toBe(1);
  await packs.put(month, "face", replayed);
  writer.release();
  await removed;
  await writer.idle();
  const isNamed = database.prepare("SELECT 1 FROM pictures").get() !== undefined;
  expect((await packs.find(month, replayed.sha256)) !== null).toBe(isNamed);

  const next = [replayed, picture("next")];
  for (const one of next) await packs.put(month, "face", one);
  await writer.idle();
  for (const { sha256, data } of next) expect(await packs.find(month, sha256)).toEqual(data);
  await packs.checkFiles();
});
