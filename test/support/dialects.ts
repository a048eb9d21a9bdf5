import type { FaceEvent, JsonObject } from "@gatepost/protocol";
import { expect } from "vitest";
import { fixture, routeOf } from "./fixtures.ts";
import { type Wrapped, type Wrapping, wrappings } from "./wrappings.ts";

/** A report of each dialect with all that its field table has, or the most that it can have. */
const dialects = [
  ["se3-realtime", "complete"],
  ["history-nested", "complete"],
  ["history-nested", "async-with-info"],
  ["history-flat", "complete"],
  ["history-v6", "complete"],
  ["ws-v5", "complete"],
  ["ws-v6", "complete"],
  ["platform-a", "complete"],
  ["platform-b", "complete"],
  ["stored-v5", "with-pictures"],
  ["stored-v6", "with-pictures"],
] as const;

type Case = [dialect: string, name: string, wrapping: string, Wrapping];

/** Every dialect in every wrapping. */
export const allCases = dialects.flatMap(([dialect, name]) =>
  wrappings.map((wrapping): Case => [dialect, name, wrapping.name, wrapping]),
);

/** Every wrapping once, and every dialect in some of them. */
export const someCases = allCases.filter(
  (_, index) => (index % wrappings.length) % dialects.length === Math.floor(index / wrappings.length),
);

/** The content of an event, without the place and time of its delivery. */
function summaryOf(event: FaceEvent | undefined) {
  if (event === undefined) throw new Error("no event");
  const { id, receivedAt, reports, flags, pictures, actions, box, ...facts } = event;
  const hashes = Object.entries(pictures).map(([kind, picture]) => [kind, picture?.sha256]);
  const requested = actions.map(({ name, state }) => [name, state]);
  return { ...facts, serial: box.serial, pictures: Object.fromEntries(hashes), requested };
}

/**
 * The part of it that a form can express: in free-form members its numbers are texts, and a face's box is not read from
 * texts.
 */
function summaryOfForm(event: FaceEvent | undefined) {
  const { extra, person, quality, attributes, ...facts } = summaryOf(event);
  const { info, ...who } = person;
  return { ...facts, person: who, registrable: quality.registrable, age: attributes.age };
}

/** Delivers to a box that has delivered nothing else, and gives all its events. */
type Deliver = (wrapped: Wrapped, route: string) => Promise<FaceEvent[]>;

/** What each report became as plain JSON, by who delivered it: it is delivered so once. */
const plain = new WeakMap<Deliver, Map<string, Promise<FaceEvent[]>>>();

function plainOf(dialect: string, name: string, deliver: Deliver): Promise<FaceEvent[]> {
  const known = plain.get(deliver) ?? new Map<string, Promise<FaceEvent[]>>();
  plain.set(deliver, known);
  const body = Buffer.from(JSON.stringify(fixture(dialect, name)));
  const events = known.get(`${dialect}/${name}`) ?? deliver({ body, headers: {} }, routeOf(dialect));
  known.set(`${dialect}/${name}`, events);
  return events;
}

/** Expects that a report in a wrapping becomes the event that it becomes as plain JSON, and that one alone. */
export async function expectSameEvent([dialect, name, , wrapping]: Case, deliver: Deliver): Promise<void> {
  const { wrap, isTolerant, isForm } = wrapping;
  const body: JsonObject = fixture(dialect, name);
  const [asItIs] = await plainOf(dialect, name, deliver);
  const [event, ...others] = await deliver(wrap(body), routeOf(dialect));
  expect(others).toEqual([]);
  const compared = isForm ? summaryOfForm : summaryOf;
  expect(compared(event)).toEqual(compared(asItIs));
  expect(event?.flags.includes("tolerant-parse")).toBe(isTolerant(body));
}
