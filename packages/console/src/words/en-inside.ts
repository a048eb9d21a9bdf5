import { enNumber as number, plural } from "./number.ts";

const list = (names: readonly string[]) =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** The words of Inside, in English. They are loaded with the page. */
export const enInside = {
  counted: (time: string) => `counted at ${time}`,
  search: "Name, id or pinyin",
  now: "Inside now",
  insideSite: (site: string) => `inside ${site} now`,
  line: "line: this day a week ago",
  chart: (most: number, time: string) => `People inside by the half-hour; most until ${time}: ${number(most)}`,
  chartBefore: (most: number) => `a week ago at most ${number(most)}`,
  overdue: "Not seen leaving since yesterday",
  overdueWhy: "they count as inside until someone corrects it",
  /** The gate is empty until its name is known. */
  inAt: (time: string, gate: string) => `in ${time}${gate === "" ? "" : `, ${gate}`}`,
  why: {
    "exit-silent": "a way out is silent, and may have missed it",
    "night-shift": "night shift, which is over",
    visitor: "a visitor",
  },
  columns: ["Faces", "Person", "Went in", "Inside for", "Act"],
  hasLeft: "Has left…",
  hasLeftTitle: (name: string) => `${name} has left`,
  leftOn: "Left on",
  leftAt: "Left at",
  reason: "Reason",
  reasonHint: "always shown",
  tooEarly: (time: string) => `It must be after ${time}, and not in the future.`,
  correct: "Has left",
  noted: (name: string, time: string) => `${name} left at ${time}.`,
  corrected: (time: string, who: string | null) => (who === null ? `left ${time}` : `left ${time}, says ${who}`),
  takenBack: (name: string) => `${name} counts as inside again, if nothing later was seen.`,
  unknown: "Unknown",
  strangers: (went: number, left: number) =>
    `${plural(went, "stranger", "strangers")} went in and ${number(left)} went out${went > left ? `; about ${number(went - left)} may be inside` : ""}.`,
  withoutIn: (n: number) => `${plural(n, "person", "people")} went out and had not been seen going in.`,
  groups: { blacklist: "Blacklist", visitor: "Visitors", staff: "Employees and VIP", unknown: "Unknown kind" },
  order: "Order",
  orders: { longest: "Longest first", newest: "Newest first", name: "Name" },
  expected: "Expected today",
  expectedCame: (n: number) => `${number(n)} came`,
  expectedColumns: ["Visitor", "Arrival", "Departure"],
  came: (time: string) => `came ${time}`,
  left: (time: string) => `left ${time}`,
  notCome: "not yet",
  beforeVisit: "before the visit",
  from: (time: string) => `from ${time}`,
  visits: (host: string) => `visits ${host}`,
  until: (time: string) => `until ${time}`,
  since: (time: string) => `since ${time}`,
  clock: "the clock of the box is wrong",
  more: (n: number) => `Show ${number(n)} more`,
  notAll: (n: number, of: number) => `The first ${number(n)} of ${number(of)} are shown here, those who went in first.`,
  none: (site: string, time: string) => `No one is counted inside ${site} since ${time}.`,
  noMatch: (text: string) => `No one inside is called “${text}”.`,
  noDirection: "No gate here has a direction, so no one can be counted.",
  noDirectionWhy: "A gate needs a direction, in or out: its box reports it, or an administrator sets it in Sites.",
  setDirections: "Set directions",
  countedBy: (ins: readonly string[], outs: readonly string[]) =>
    `Counted by gates with a direction: in at ${ins.length === 0 ? "none" : list(ins)}, out at ${outs.length === 0 ? "none" : list(outs)}.`,
  notCounted: (names: readonly string[]) =>
    `${list(names)} ${names.length === 1 ? "has no direction and does not count" : "have no direction and do not count"}.`,
};
