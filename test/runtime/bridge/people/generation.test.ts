import { openPeople } from "@gatepost/bridge";
import { expect, it } from "vitest";
import { freePort, listen } from "../../../standins/listen.ts";
import { atEnd } from "../../../unit/simulator/support.ts";
import { boxOf, never, Order, order, versions } from "./support.ts";

const pairs = versions.flatMap(([configured]) =>
  versions.map(([actual, version]) => [configured, actual, version] as const),
);
/** What newer boxes still have: S4.3 is in the documents of all up to V5R7. */
const alsoHas: Record<string, string> = { "A B": "", "A B7": "", "B B7": "" };

it.each(pairs)("a box configured as %s that is of %s", async (configured, actual, version) => {
  const { config, library } = await boxOf(version);
  const people = openPeople({ ...config, generation: configured });
  const outcome = await people.register(order, new Order().attempt());
  const fits = configured === actual || `${configured} ${actual}` in alsoHas;
  expect(outcome.state).toBe(fits ? "done" : "failed");
  expect(library.size).toBe(fits ? 6 : 5);
});

it("fails at a server that is no box, and retries one that is away", async () => {
  const strange = await listen((_, response) => response.writeHead(404).end("nginx"));
  atEnd(strange.close);
  const at = (port: number) => openPeople({ host: "127.0.0.1", port, library: "default_group", quality: "high" });
  const removing = await at(Number(new URL(strange.url).port)).remove("1", never);
  expect(removing).toMatchObject({
    state: "failed",
    reason: expect.stringContaining("no documented person interface"),
  });
  expect(await at(await freePort()).remove("1", never)).toMatchObject({ state: "later" });
});

it.each([
  [401, "failed", "wants a login"],
  [403, "failed", "wants a login"],
  [429, "later", "the box answers 429"],
  [503, "later", "the box answers 503"],
])("does not take a box that answers %i to everything for one without an interface", async (status, state, reason) => {
  const box = await listen((_, response) => response.writeHead(status).end());
  atEnd(box.close);
  const port = Number(new URL(box.url).port);
  const people = openPeople({ host: "127.0.0.1", port, library: "default_group", quality: "high" });
  expect(await people.remove("1", never)).toEqual({ state, reason: expect.stringContaining(reason) });
});

it("undoes nothing with a state kept from another generation", async () => {
  const { people, library } = await boxOf("V6");
  const tried = new Order();
  await people.register(order, tried.attempt());
  const kept = { generation: "B" as const, personId: order.personId, before: null };
  expect(await people.undo(kept, tried.undoing())).toEqual({
    state: "failed",
    reason: "The kept state is of generation B, and the box is of C now.",
  });
  expect(library.size).toBe(6);
});

it("detects the generation again after the box was replaced", async () => {
  const first = await boxOf("V5R6", { port: await freePort() });
  const people = first.open();
  expect(await people.remove("nobody", never)).toEqual({ state: "done", note: null });
  await first.served.close();
  await boxOf("V6", { port: first.served.port });
  await people.remove("nobody", never);
  expect(await people.remove("nobody", never)).toEqual({ state: "done", note: null });
});
