import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { noon } from "../../contract/samples.ts";
import { openedByTests } from "./temporary.ts";

const { openRuntimeHere } = openedByTests();

/** A machine with a key that was found once already. */
async function machineWithKey({ expiresAt }: { expiresAt?: number } = {}) {
  let now = noon;
  const { runtime } = await openRuntimeHere({ clock: () => now });
  const { keys } = runtime.ingest;
  const { keyAdmin } = runtime.reads;
  const { id } = await keyAdmin.create({
    scope: "ingest",
    box: "gate-1",
    tokenHash: "ab",
    ...(expiresAt && { expiresAt }),
  });
  expect(await keys.find("ab")).toMatchObject({ id, box: "gate-1" });
  const later = (ms: number) => {
    now += ms;
  };
  return { runtime, keys, keyAdmin, id, later };
}

it("a key that is used all the time is refused as soon as it is revoked", async () => {
  const { keys, keyAdmin, id } = await machineWithKey();
  const revoked = keyAdmin.revoke(id);
  await keys.find("ab");
  await revoked;
  expect(await keys.find("ab")).toBeNull();
});

it("a key that another program revokes is refused in the next turn", async () => {
  const { runtime, keys } = await machineWithKey();
  using other = new DatabaseSync(runtime.folder.database);
  other.exec("UPDATE items SET item = json_set(item, '$.revokedAt', 1) WHERE pk GLOB 'key_*'");
  await new Promise(setImmediate);
  expect(await keys.find("ab")).toBeNull();
});

it("a key that ends is refused from then on, however often it was used", async () => {
  const { keys, later } = await machineWithKey({ expiresAt: noon + 1000 });
  later(999);
  expect(await keys.find("ab")).not.toBeNull();
  later(1);
  expect(await keys.find("ab")).toBeNull();
});

it("a key that is read while it is revoked is not kept", async () => {
  const { runtime, keys, keyAdmin } = await machineWithKey();
  const { id } = await keyAdmin.create({ scope: "ingest", box: "gate-2", tokenHash: "cd" });
  const reads: Promise<unknown>[] = [];
  const revoked = keyAdmin.revoke(id);
  let isRevoked = false;
  void revoked.then(() => {
    isRevoked = true;
  });
  while (!isRevoked) {
    reads.push(keys.find("cd"));
    await Promise.resolve();
    if (reads.length % 1000 === 0) await new Promise(setImmediate);
  }
  await Promise.all(reads);
  expect(await runtime.ingest.keys.find("cd")).toBeNull();
});

it("a key to a site sees the boxes that the site has now", async () => {
  const { runtime, keys, keyAdmin } = await machineWithKey();
  const { writer } = runtime.reads.boxes;
  await keyAdmin.create({ scope: "read", box: null, site: "east", tokenHash: "cd" });
  const seen = async () => (await keys.find("cd"))?.boxes;
  expect(await seen()).toEqual([]);
  await writer.set("gate-1", { site: "east" });
  expect(await seen()).toEqual(["gate-1"]);
  await writer.set("gate-1", { site: null });
  expect(await seen()).toEqual([]);
});
