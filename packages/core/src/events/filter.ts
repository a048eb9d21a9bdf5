import {
  comparable,
  type FaceEvent,
  knownPerson,
  limits,
  personKey,
  personTypes,
  searchable,
  timeForms,
  timeIn,
} from "@gatepost/protocol";
import * as z from "zod";
import { type OneOrMore, several, valuesOf } from "../lists/parameters.ts";

/** Characters of one text that are searched; an event has eight such texts. */
const maxLength = 64;

/**
 * The texts that `q` searches, as `searchable` makes them: who passed, and where. The id of a stranger is not among them. A longer
 * text is found by its beginning.
 */
export function searchTexts({ person, device, box }: FaceEvent): Record<"person" | "place", string> {
  return {
    person: textOf([person.name, knownPerson(person)]),
    place: textOf([device.name, device.id, device.endpoint, device.ip, box.id, box.serial]),
  };
}

/**
 * The text that a search looks for: in the same form as the texts that are searched, and not longer. Only blanks and
 * dots would leave nothing; such a text stays as it is, and is in no searched text.
 */
export function soughtText(q: string): string {
  const beginning = beginningOf(q);
  return searchable(beginning) || beginning;
}

function textOf(texts: readonly (string | null)[]): string {
  const known = texts.flatMap((text) => (text === null ? [] : [beginningOf(text)]));
  return searchable(known.join("\n"));
}

function beginningOf(text: string): string {
  if (text.length <= maxLength) return text;
  // A character takes two units at most.
  return [...text.slice(0, 2 * maxLength)].slice(0, maxLength).join("");
}

/** A text to filter by. */
export const text = textUpTo(256);

/** The most characters of an id in an address: escaped, a longer one would be more than a server takes of an address. */
const maxIdLength = 1024;

/** The id of a person or a device to filter by. */
const idText = textUpTo(maxIdLength);

/** The name of a device to filter by: its id, its ep_id or its address. */
export const deviceText = idText;

/** The id of a person who is named in an address. */
export const personText = someText(maxIdLength);

/** The same in a body, as long as any stored id: a person who cannot be named could not be erased. */
export const anyPersonText = someText(limits.textBytes);

/** The name of a rule of the bus. */
export const ruleText = textUpTo(64);

function textUpTo(characters: number) {
  return someText(characters, "must not be empty; leave it out to not filter by it");
}

function someText(characters: number, emptyText = "must not be empty") {
  return z.string().min(1, emptyText).max(characters);
}

/** The name of a box. Accents may be sent composed or decomposed. */
export const boxText = text.normalize();

const zoned = `must be a time with its zone, ${timeForms}`;

/** A time, of which JSON may also have the number as a number. */
export const moment = z
  .union([z.string(), z.number()], {
    error: ({ input }) => (input === undefined ? `must be given: it is a time with its zone, ${timeForms}` : zoned),
  })
  .meta({
    id: "Moment",
    description: "A time with its zone, as `2026-11-05T08:00:00+08:00`, or seconds or milliseconds since 1970.",
  })
  .transform((sent, context): number => {
    const time = timeIn(`${sent}`);
    if (time !== null) return time;
    context.issues.push({ code: "custom", input: sent, message: zoned });
    return z.NEVER;
  });

/** The parameters that filter a list of events. An event must meet all that are given, by any of the values of each. */
export const eventFilter = {
  from: moment.meta({ description: "The earliest time shown." }).exactOptional(),
  to: moment.meta({ description: "The time before which they must be." }).exactOptional(),
  box: several(boxText).meta({ description: "The box of the key that delivered the report." }).exactOptional(),
  device: several(idText).meta({ description: "The device's id, its ep_id or its address." }).exactOptional(),
  person: several(idText)
    .meta({ description: "The id of a known person. A stranger's id finds nothing." })
    .exactOptional(),
  type: several(z.enum(personTypes)).exactOptional(),
  action: several(text)
    .meta({ description: "An action that the event has, as `1001`, or its `wantAction`." })
    .exactOptional(),
  flag: several(text).meta({ description: "A flag, as `clock` or `picture-unreadable:face`." }).exactOptional(),
  result: several(z.enum(["granted", "denied"]))
    .meta({ description: "Whether the door opened. An event without a result is not found." })
    .exactOptional(),
  q: text
    .meta({
      description:
        "Text that the person's name or id, the device or the box contains, ignoring case, accents, width, blanks and dots between the parts of a name. Of each the first 64 characters are looked in, and the first 64 of this are looked for.",
    })
    .exactOptional(),
};

/** A filter of events. Absent members do not filter. Times are ms since 1970. */
export type EventFilter = z.output<z.ZodObject<typeof eventFilter>> & {
  /** The boxes that a limited key sees. No parameter sets it. */
  boxes?: readonly string[];
};

type AskedValue<Name extends keyof EventFilter> = NonNullable<EventFilter[Name]>;
type OneOf<Values> =
  Values extends OneOrMore<infer Value> ? (Value extends readonly (infer One)[] ? One : Value) : never;
type Condition<Name extends keyof EventFilter> = (event: FaceEvent, asked: OneOf<AskedValue<Name>>) => boolean;

/** The condition of each parameter. A store that translates one into its own language must find the same events. */
const conditions: { [Name in keyof Required<EventFilter>]: Condition<Name> } = {
  from: ({ timestamp }, from) => timestamp >= from,
  to: ({ timestamp }, to) => timestamp < to,
  box: ({ box }, id) => box.id === id,
  boxes: ({ box }, id) => box.id === id,
  device: ({ device }, name) => [device.id, device.endpoint, device.ip].includes(name),
  person: ({ person }, id) => personKey(person) === comparable(id),
  type: ({ person }, type) => person.type === type,
  action: ({ wantAction, actions }, wanted) =>
    wantAction === wanted || actions.some((action) => action.wantAction === wanted),
  flag: ({ flags }, flag) => flags.includes(flag),
  result: ({ result }, wanted) => result === wanted,
  q: (event, text) => searchLines(event).some((line) => line.includes(soughtText(text))),
};

/**
 * Whether an event meets a filter.
 *
 * @example matches(event, { box: "gate-1", type: ["stranger", "blacklist"] })
 */
export function matches(event: FaceEvent, filter: EventFilter): boolean {
  const holds = <Name extends keyof EventFilter>(name: Name) => {
    const value = filter[name];
    if (value === undefined) return true;
    return valuesOf(value as OneOrMore<OneOf<AskedValue<Name>>>).some((one) => conditions[name](event, one));
  };
  return (Object.keys(conditions) as (keyof EventFilter)[]).every(holds);
}

/** Each line is searched by itself, so that no match crosses from the end of one member into the next. */
function searchLines(event: FaceEvent): string[] {
  const { person, place } = searchTexts(event);
  return `${person}\n${place}`.split("\n");
}
