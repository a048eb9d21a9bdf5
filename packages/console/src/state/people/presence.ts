import type { Api } from "@gatepost/client";
import { near, shortTime } from "../../format/time.ts";
import { addressOf, pathOfPerson } from "../address.ts";
import { gatepost } from "../session.ts";

export type Presence = Api["GET /v1/presence"]["answer"];
export type Inside = Presence["people"][number];
export type Correction = Presence["corrections"][number];

/** People of one request, and of a page in all. */
const [pageSize, maxPeople] = [500, 2500];

/** Who is inside a site at one moment: those who went in first, up to 2,500. */
export async function readPresence(site: string, signal: AbortSignal): Promise<Presence> {
  const ask = (from: { at?: string; cursor?: string }) =>
    gatepost().ask("GET /v1/presence", { query: { site, limit: pageSize, ...from }, signal });
  const first = await ask({});
  const people = [...first.people];
  let next = first.next;
  while (next !== null && people.length < maxPeople) {
    const page = await ask({ at: first.at, cursor: next });
    people.push(...page.people);
    next = page.next;
  }
  return { ...first, people, next };
}

/** Ms after which it is counted again: the more people, the more a count costs the server. */
export const goodForMs = ({ people }: Presence) => 20_000 + people.length * 20;

/** How many are inside a site. */
export async function countInside(site: string, signal: AbortSignal): Promise<number> {
  return (await gatepost().ask("GET /v1/presence", { query: { site, limit: 1 }, signal })).inside;
}

/** The name of a person for people. */
export const calledOf = ({ name, id }: Pick<Inside, "name" | "id">) => name ?? id;

/** The page of a person. */
export const addressOfPerson = (of: Pick<Inside, "library" | "id">) => addressOf("person", pathOfPerson(of));

/** One stay of a person: after leaving and coming back it is another one. */
export const stayOf = ({ library, id, since }: Inside) => `${library}/${id} ${since}`;

/** Whether a name, its reading or an id contains the typed text. A reading is also found by its initials. */
export function isCalled({ name, id, pinyin }: Pick<Inside, "name" | "id" | "pinyin">, typed: string): boolean {
  const sought = typed.trim().toLowerCase();
  if ([name, id].some((text) => text?.toLowerCase().includes(sought))) return true;
  const letters = sought.replaceAll(/[\s'’]/g, "");
  if (pinyin === null || letters === "") return false;
  const syllables = pinyin.toLowerCase().split(" ");
  return syllables.join("").includes(letters) || syllables.map(([first]) => first).join("") === letters;
}

export const orders = ["longest", "newest", "name"] as const;
export type Order = (typeof orders)[number];

const byName = new Intl.Collator(undefined, { numeric: true });

/** The people in an order. The given one is the longest first. */
export function peopleInside(people: readonly Inside[], order: Order): readonly Inside[] {
  if (order === "longest") return people;
  if (order === "newest") return people.toReversed();
  return people.toSorted((a, b) => byName.compare(calledOf(a), calledOf(b)));
}

/** `08:41` of today; with the day of another one. */
export function sinceWords(time: string, now: number): string {
  const isToday = new Date(time).toDateString() === new Date(now).toDateString();
  return isToday ? shortTime(time) : near(time, now);
}

/** The clock at the end of a half-hour of the day, by its number. */
export function halfHourWords(n: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(n / 2) % 24)}:${n % 2 === 0 ? "00" : "30"}`;
}

/** Since when no person is counted inside: the end of the last half-hour with one; midnight if there is none today. */
export function emptySince(today: readonly number[]): string {
  return halfHourWords(today.findLastIndex((count) => count > 0) + 1);
}
