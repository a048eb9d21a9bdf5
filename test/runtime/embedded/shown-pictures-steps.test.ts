import type { Runtime } from "@gatepost/embedded";
import type { ReportKind } from "@gatepost/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";
import { day, noon, picture } from "../../contract/samples.ts";
import { afterKill, erase, isThere, show } from "./shown-pictures.ts";
import { openedByTests } from "./temporary.ts";

const { closers, openRuntimeHere } = openedByTests();

const pictures = Array.from({ length: 4 }, (_, n) => picture(`picture ${n}`));
const event = fc.constantFrom("a", "b", "c", "d");

/** Each gives a report of an event, or takes events away, or continues after a killed process. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant("show" as const),
      event,
      shown: fc.uniqueArray(fc.nat(pictures.length - 1), { maxLength: 3 }),
      kind: fc.constantFrom<ReportKind>("history", "realtime"),
      days: fc.constantFrom(1, 90),
    }),
  },
  { weight: 5, arbitrary: fc.record({ does: fc.constant("erase" as const), event }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("expire" as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("kill" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A store, and its expected contents. */
class Beside {
  #on: { runtime: Runtime; folder: string };
  #now = noon;
  readonly #events = new Map<string, { shown: Set<number>; expiresAt: number }>();
  readonly #there = new Set<number>();

  constructor(on: { runtime: Runtime; folder: string }) {
    this.#on = on;
  }

  async does(one: Step): Promise<void> {
    if (one.does === "show") await this.#show(one);
    else if (one.does === "erase") await this.#erase(one.event);
    else if (one.does === "expire") await this.#expire();
    else await this.#kill();
    const found = await Promise.all(pictures.map((one) => isThere(this.#on.runtime, one)));
    expect(found).toEqual(pictures.map((_, at) => this.#there.has(at)));
  }

  async #show({ event, shown, kind, days }: Extract<Step, { does: "show" }>): Promise<void> {
    const [now, expiresAt] = [this.#now, this.#now + days * day];
    const stored = shown.flatMap((at) => pictures[at] ?? []);
    await show(this.#on.runtime, { event, shown: stored, kind, now, expiresAt });
    const held = this.#events.get(event) ?? { shown: new Set(), expiresAt };
    // An event ends by its first receipt.
    this.#events.set(event, { ...held, expiresAt: Math.min(held.expiresAt, expiresAt) });
    for (const at of shown) {
      held.shown.add(at);
      this.#there.add(at);
    }
  }

  async #erase(event: string): Promise<void> {
    await erase(this.#on.runtime, event);
    const { shown = new Set<number>() } = this.#events.get(event) ?? {};
    this.#events.delete(event);
    const others = [...this.#events.values()];
    for (const at of shown) if (!others.some((other) => other.shown.has(at))) this.#there.delete(at);
  }

  /** The pictures of expired events are removed with their month. */
  async #expire(): Promise<void> {
    this.#now += day;
    await this.#on.runtime.retention.sweep(this.#now);
    for (const [event, { expiresAt }] of this.#events) if (expiresAt <= this.#now) this.#events.delete(event);
  }

  async #kill(): Promise<void> {
    const after = await afterKill(this.#on.folder);
    closers.push(after.end);
    this.#on = after;
  }
}

it("a picture exists until the last event that shows it is erased", async () => {
  const random = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 20 }), async (steps) => {
    const beside = new Beside(await openRuntimeHere({ clock: () => noon }));
    for (const step of steps) await beside.does(step);
  });
  await fc.assert(random, { numRuns: 15 });
});
