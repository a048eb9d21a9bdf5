import type { OrderOutcome, PersonLibrary } from "@gatepost/bridge";
import type { FaceLibrary, Mishap, Version } from "@gatepost/simulator";
import { describe, expect, it } from "vitest";
import { boxOf, Order, order, otherFace, untilEnded, versions } from "./support.ts";

/** Not done and refused; done and the answer lost. */
const mishaps: readonly Mishap[] = ["server-error", "reset-after"];

interface Step {
  name: string;
  /** Prepares the box, and returns the order with its kept state. */
  before(library: PersonLibrary): Promise<Order>;
  step(library: PersonLibrary, order: Order): Promise<OrderOutcome>;
}

const update = { personId: order.personId, name: null, photo: otherFace };

async function registered(library: PersonLibrary): Promise<Order> {
  const tried = new Order();
  await library.register(order, tried.attempt());
  return tried;
}

async function updated(library: PersonLibrary): Promise<Order> {
  await registered(library);
  const tried = new Order();
  await library.updatePhoto(update, tried.attempt());
  return tried;
}

async function undone(library: PersonLibrary, tried: Order): Promise<OrderOutcome> {
  const { kept } = tried.attempt();
  if (kept === null) throw new Error("nothing was kept");
  return library.undo(kept, tried.undoing());
}

const steps: readonly Step[] = [
  {
    name: "registering somebody new",
    before: async () => new Order(),
    step: (library, tried) => library.register(order, tried.attempt()),
  },
  {
    name: "registering somebody who is there",
    before: async (library) => {
      await registered(library);
      return new Order();
    },
    step: (library, tried) => library.register({ ...order, photo: otherFace, name: "X" }, tried.attempt()),
  },
  {
    name: "a new photo",
    before: async (library) => {
      await registered(library);
      return new Order();
    },
    step: (library, tried) => library.updatePhoto(update, tried.attempt()),
  },
  { name: "undoing a registration", before: registered, step: undone },
  { name: "undoing a new photo", before: updated, step: undone },
  {
    name: "removing",
    before: registered,
    step: (library, tried) => library.remove(order.personId, tried.attempt().signal),
  },
];

/** The people and photos of a box, without the ids that it makes itself. */
function heldBy(library: FaceLibrary) {
  const groups = new Map(library.permissions().map(({ id, name }) => [id, name]));
  return library.all().map(({ faces, permissionIds, ...person }) => ({
    ...person,
    groups: permissionIds.map((id) => groups.get(id)),
    photos: faces.map(({ photo }) => photo),
  }));
}

/** Runs a step on a new box; each try is a new process. */
async function run(version: Version, { before, step }: Step, mishapAt: (request: number) => Mishap | null) {
  const { library, open } = await boxOf(version);
  const tried = await before(open());
  let requests = 0;
  library.settings.mishap = () => mishapAt(requests++);
  const outcome = await untilEnded(() => open(), step, tried);
  return { requests, held: heldBy(library), outcome };
}

describe.each(versions)("generation %s", (_, version) => {
  it.each(steps)("$name ends the same if any request or answer is lost", async (step) => {
    const clean = await run(version, step, () => null);
    expect(clean.outcome).toMatchObject({ state: "done", note: null });
    const cases = Array.from({ length: clean.requests }, (_, lost) =>
      mishaps.map((mishap) => ({ lost, mishap })),
    ).flat();
    await Promise.all(
      cases.map(async ({ lost, mishap }) => {
        const { held, outcome } = await run(version, step, (request) => (request === lost ? mishap : null));
        expect(outcome, `${mishap} at request ${lost}`).toMatchObject({ state: "done" });
        expect(held, `${mishap} at request ${lost}`).toEqual(clean.held);
      }),
    );
  });
});
