import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { FoundKeys } from "../../../packages/embedded/src/keys/found-keys.ts";
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

it("a key in constant use is refused as soon as it is revoked", async () => {
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

it("a key that ends is refused from then on, however often used", async () => {
  const { keys, later } = await machineWithKey({ expiresAt: noon + 1000 });
  later(999);
  expect(await keys.find("ab")).not.toBeNull();
  later(1);
  expect(await keys.find("ab")).toBeNull();
});

it("a key read before another one's revocation and returned after it is not kept", () => {
  using database = new DatabaseSync(":memory:");
  const found = new FoundKeys(database, () => noon);
  const key = { id: "key_1", scope: "read" as const, box: null };
  expect(found.find("ab")).toBeUndefined();
  const note = found.reading("ab");
  found.clear();
  note(key);
  expect(found.find("ab")).toBeUndefined();
  found.reading("ab")(key);
  expect(found.find("ab")).toEqual(key);
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
