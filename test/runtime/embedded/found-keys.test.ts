import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { noon } from "../../contract/samples.ts";
import { openedByTests } from "./temporary.ts";

const { openRuntimeHere } = openedByTests();

/** A machine with a key that was found once already. */
async function machineWithKey({ expiresAt }: { expiresAt?: number } = {}) {
  let now = noon;
  const { runtime } = await openRuntimeHere({ clock: () => now });
  const { keyAdmin: keys } = runtime.reads;
  const { id } = await keys.create({
    scope: "ingest",
    box: "gate-1",
    tokenHash: "ab",
    ...(expiresAt && { expiresAt }),
  });
  expect(await keys.find("ab")).toMatchObject({ id, box: "gate-1" });
  const later = (ms: number) => {
    now += ms;
  };
  return { runtime, keys, id, later };
}

it("a key that is used all the time is refused as soon as it is revoked", async () => {
  const { keys, id } = await machineWithKey();
  const revoked = keys.revoke(id);
  await keys.find("ab");
  await revoked;
  expect(await keys.find("ab")).toBeNull();
});

it("a key that another program revokes is refused in the next turn", async () => {
  const { runtime, keys } = await machineWithKey();
  using other = new DatabaseSync(runtime.folder.database);
  other.exec("UPDATE keys SET revoked_at = 1");
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
