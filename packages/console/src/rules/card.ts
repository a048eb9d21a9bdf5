import type { Api, Event, Rule } from "@gatepost/client";
import { wantActions } from "../format/event.ts";
import { clockForm } from "../parts/pages/clock-field.tsx";
import type { Query } from "../state/address.ts";
import { siteNameOf } from "../state/sites.ts";
import { entryOf, words } from "../words/index.ts";
import { ruleWords } from "../words/rules.ts";

/** A rule in sentences; `own` if only the pattern itself says it. */
export type Card = Rule["card"];
export type MadeCard = Exclude<Card, { kind: "own" }>;
export type CardWithHours = Extract<MadeCard, { from: string | null }>;
export type CardGates = MadeCard["gates"];
type SentCard = NonNullable<Extract<Api["POST /v1/rules/try"]["body"], { last?: number }>["card"]>;

/** The ways to begin, in their order. */
export const ways = [
  ...(["blacklist", "strangers", "person", "visitors"] as const),
  ...(["silence", "targets", "requests", "everything"] as const),
];
type Way = (typeof ways)[number];

export const isWay = (text: string | null): text is Way => ways.some((way) => way === text);

const allDays = [1, 2, 3, 4, 5, 6, 7];
const anyTime = { gates: null, from: null, to: null, weekdays: allDays, zone: null };

/** The card of a way to begin, as it is before anything is changed. */
function newCard(way: Way): MadeCard {
  if (way === "silence" || way === "visitors" || way === "targets") return { kind: way, gates: null };
  if (way === "person") return { kind: way, who: "", ...anyTime };
  if (way === "requests") return { kind: way, wants: ["1001"], ...anyTime };
  return { kind: way, ...anyTime, ...(way === "strangers" ? { from: "22:00", to: "06:00" } : {}) };
}

/** The card of a way to begin, for the wanted actions and the site of an address. */
export function cardOfAddress(way: Way, { want = [], site = [] }: Query): MadeCard {
  const card = newCard(way);
  const gates = site[0] === undefined ? null : { site: site[0] };
  const wants = wantActions.filter((one) => want.includes(one));
  return card.kind === "requests" && wants.length > 0 ? { ...card, wants, gates } : card;
}

/** The card that would alert of passings like this one: a stranger's at this gate, an hour before or after. */
export function cardLike(event: Event): MadeCard {
  const { person, time } = event;
  if (person.type === "blacklist") return newCard("blacklist");
  if (person.type !== "stranger" && person.id !== null) return { kind: "person", who: person.id, ...anyTime };
  const hour = new Date(time).getHours();
  return { kind: "strangers", ...anyTime, gates: gatesOf(event), from: hourText(hour - 1), to: hourText(hour + 2) };
}

function gatesOf({ box, device }: Event): CardGates {
  const name = device.id ?? device.endpoint ?? device.ip;
  return name === null ? { box: box.id } : { box: box.id, device: name };
}

const hourText = (hour: number) => `${String((hour + 24) % 24).padStart(2, "0")}:00`;

const isTime = (text: string | null) => text === null || clockForm.test(text);

/** The card as the server takes it: without the cooldown, which is in the target. Null if something is missing. */
export function sentCard(card: Card): SentCard | null {
  if (card.kind === "own") return null;
  const { notAgain: _, ...rest } = card;
  if (!("from" in rest)) return rest;
  if (!isTime(rest.from) || !isTime(rest.to)) return null;
  const isWhole = (rest.from === null) === (rest.to === null) && (rest.from === null || rest.from !== rest.to);
  if (!isWhole || rest.weekdays.length === 0) return null;
  return rest.kind === "person" && rest.who.trim() === "" ? null : (rest as SentCard);
}

/** Whether a card is about something that is announced once, and not about each of many passings. */
export const isOfOnce = (card: Card): boolean => card.kind !== "own" && !("from" in card);

/** Whether a card limits the time of day. */
export const isAtHours = (card: Card): card is CardWithHours => "from" in card && card.from !== null;

/** What a card is called. */
export function titleOfCard(card: Card): string {
  const { titles } = ruleWords.value;
  return card.kind === "strangers" && isAtHours(card) ? titles.night : titles[card.kind];
}

/** A name that was made here, so that the title of the card says more. */
export function isMadeName(name: string, { kind }: Card): boolean {
  return kind !== "own" && (name === kind || name.startsWith(`${kind}-`));
}

/** A name for a new rule that no other has. */
export function freeName(card: Card, taken: readonly string[]): string {
  const [stem, beside] = [card.kind, card.kind === "person" ? card.who.replaceAll(/[^\w.-]/g, "").slice(0, 32) : ""];
  const name = beside === "" ? stem : `${stem}-${beside}`;
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name}-${number}`)) number++;
  return `${name}-${number}`;
}

/** The names of sites by their ids, of boxes, and of devices by box and name. */
export interface Places {
  sites: readonly { id: string; name: string }[];
  boxes: readonly { id: string; name: string; devices: readonly { id: string; name: string }[] }[];
}

/** The place of a card, in words. */
export function placeWords(gates: CardGates, isOfBoxes: boolean, places: Places): string {
  const w = ruleWords.value;
  if (gates === null) return isOfBoxes ? w.anyBox : w.anyGate;
  const name = placeName(gates, places);
  if (!("site" in gates)) return name;
  return isOfBoxes ? w.anyBoxOf(name) : w.anyGateOf(name);
}

/** The name of a site, a box or a device. */
export function placeName(gates: NonNullable<CardGates>, { sites, boxes }: Places): string {
  if ("site" in gates) {
    return siteNameOf(sites.find(({ id }) => id === gates.site) ?? { id: gates.site, name: gates.site });
  }
  const box = boxes.find(({ id }) => id === gates.box);
  if (!("device" in gates)) return box?.name ?? gates.box;
  return box?.devices.find(({ id }) => id === gates.device)?.name ?? gates.device;
}

/** The channel and the receiver of a rule, in a few words. */
export function receiverWords({ type, to }: Rule["target"]): string {
  const w = ruleWords.value;
  if (type === undefined) return w.program;
  if (type === "email") return w.mail(to ?? "");
  return (entryOf(words.value.rules.channels, type) ?? type).replace(/^[^:：]*[:：]\s*/, "");
}
