import * as z from "zod";
import { zoneFault } from "../zones/zone.ts";

/** The kinds of cards that make a pattern. A pattern that none of them makes is of the kind `own`. */
export const cardKinds = [
  ...(["blacklist", "strangers", "person", "visitors", "silence", "targets", "requests", "everything"] as const),
];

/** Characters of an id in a card, at most: as many as a filter of events takes. */
const maxIdLength = 1024;
const id = z.string().min(1).max(maxIdLength);
const name = z.string().min(1).max(256);

const gates = z
  .union([
    z.strictObject({ site: name }).meta({ id: "GatesOfSite" }),
    z.strictObject({ box: name }).meta({ id: "GatesOfBox" }),
    z.strictObject({ box: name, device: id }).meta({ id: "Gate" }),
  ])
  .meta({ id: "CardGates", description: "A site, a box, or a device of a box; null: any." })
  .nullable();

const clockTime = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "must be a time as 22:00")
  .nullable();

const zone = z
  .string()
  .max(64)
  .superRefine((text, { addIssue }) => {
    const fault = zoneFault(text);
    if (fault !== null) addIssue(fault);
  });

const allDays = [1, 2, 3, 4, 5, 6, 7];

const hours = {
  from: clockTime.default(null),
  to: clockTime.default(null),
  weekdays: z
    .array(z.int().min(1).max(7))
    .min(1)
    .max(7)
    .refine((days) => new Set(days).size === days.length, "must name each day once")
    .default(allDays)
    .transform((days) => days.toSorted((one, other) => one - other)),
  zone: zone.nullable().default(null),
};

const place = { gates: gates.default(null) };

const wantActions = z
  .array(z.enum(["1001", "1002"]))
  .min(1)
  .max(2)
  .refine((wants) => new Set(wants).size === wants.length, "must name each action once")
  .default(["1001"])
  .transform((wants) => wants.toSorted());

const notAgain = z
  .strictObject({
    seconds: z
      .int()
      .min(0)
      .max(24 * 60 * 60),
    per: z.enum(["gate", "person"]),
  })
  .meta({
    id: "NotAgain",
    description:
      "Of a rule that tells people: seconds without a second alert of the same person, at the same gate or at any.",
  });

const repeats = { notAgain: notAgain.exactOptional() };

/** A card that makes a pattern, as the API takes it. */
export const cardSchema = z
  .discriminatedUnion("kind", [
    z
      .strictObject({ kind: z.enum(["blacklist", "strangers", "everything"]), ...place, ...hours, ...repeats })
      .meta({ id: "PassingCard" }),
    z.strictObject({ kind: z.literal("person"), who: id, ...place, ...hours, ...repeats }).meta({ id: "PersonCard" }),
    z
      .strictObject({ kind: z.literal("requests"), wants: wantActions, ...place, ...hours, ...repeats })
      .meta({ id: "RequestsCard" }),
    z.strictObject({ kind: z.literal("silence"), ...place, ...repeats }).meta({ id: "SilenceCard" }),
    z.strictObject({ kind: z.literal("visitors"), ...place, ...repeats }).meta({ id: "VisitorsCard" }),
    z
      .strictObject({ kind: z.literal("targets"), gates: z.null().default(null), ...repeats })
      .meta({ id: "TargetsCard" }),
  ])
  .superRefine((card, { addIssue }) => {
    if (!("from" in card)) return;
    const fault = (member: string, message: string) => addIssue({ code: "custom", path: [member], message });
    if ((card.from === null) !== (card.to === null)) fault("to", "give from and to, or neither");
    if (card.from !== null && card.from === card.to) fault("to", "from and to must differ");
  })
  .meta({
    id: "Card",
    description:
      "Hours begin on the days `weekdays`, 1 (Monday) to 7, at `from`, and end at `to`, which may be after midnight; both null: " +
      "the whole day. They are by the clocks of `zone`; null: of the site, else of the server.",
  });

export type NotAgain = z.output<typeof notAgain>;
type WithoutRepeats<One> = One extends unknown ? Omit<One, "notAgain"> : never;

/** A rule in sentences: what makes its pattern. */
export type Card = WithoutRepeats<z.output<typeof cardSchema>>;
export type CardGates = NonNullable<Card["gates"]>;
export type CardWithHours = Extract<Card, { from: string | null }>;

/** A card as readers get it: `own` for a pattern that no card makes. */
export const shownCard = z
  .union([
    z
      .object({ kind: z.enum(["blacklist", "strangers", "everything"]), gates, ...shownHours(), ...repeats })
      .meta({ id: "PassingCard" }),
    z
      .object({ kind: z.literal("person"), who: z.string(), gates, ...shownHours(), ...repeats })
      .meta({ id: "PersonCard" }),
    z
      .object({ kind: z.literal("requests"), wants: z.array(z.string()), gates, ...shownHours(), ...repeats })
      .meta({ id: "RequestsCard" }),
    z.object({ kind: z.literal("silence"), gates, ...repeats }).meta({ id: "SilenceCard" }),
    z.object({ kind: z.literal("visitors"), gates, ...repeats }).meta({ id: "VisitorsCard" }),
    z.object({ kind: z.literal("targets"), gates: z.null(), ...repeats }).meta({ id: "TargetsCard" }),
    z.object({ kind: z.literal("own"), ...repeats }).meta({ id: "OwnCard" }),
  ])
  .meta({ id: "Card" });

function shownHours() {
  const time = z.string().nullable();
  return { from: time, to: time, weekdays: z.array(z.int()), zone: time };
}

/** Whether a card limits the time of day or the days of the week. */
export function hasHours({ from, weekdays }: Pick<CardWithHours, "from" | "weekdays">): boolean {
  return from !== null || weekdays.length < allDays.length;
}

/** Whether the days of a card are all days. */
export function isEveryDay(weekdays: readonly number[]): boolean {
  return weekdays.length === allDays.length;
}

/** The card with the zone of its hours; without hours it has none. */
export function inZone(card: Card, usual: string): Card {
  if (!("from" in card)) return card;
  return { ...card, zone: hasHours(card) ? (card.zone ?? usual) : null };
}
