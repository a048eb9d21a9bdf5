import { isDeepStrictEqual } from "node:util";
import { omitAbsent, omitEmpty } from "@gatepost/protocol";
import { defaultSite } from "../boxes/sites.ts";
import { type Card, type CardGates, type CardWithHours, cardSchema, hasHours, isEveryDay } from "./card.ts";

type Fields = Record<string, unknown>;

const source = ["gatepost"];
const recorded = ["Face Event Recorded"];
const silent = ["Box Silent", "Box Recovered"];
const arrived = ["Visitor Arrived"];
const failing = ["Target Failing", "Target Recovered"];

/** The pattern that a card makes. Hours need a zone: see `inZone`. */
export function patternOf(card: Card): Fields {
  if (card.kind === "silence") {
    return { source, "detail-type": silent, ...omitAbsent({ detail: silenceAt(card.gates) }) };
  }
  if (card.kind === "targets") return { source, "detail-type": failing };
  if (card.kind === "visitors") {
    return { source, "detail-type": arrived, ...omitEmpty({ detail: eventAt(card.gates) }) };
  }
  const ofEvent = omitEmpty({ event: { ...eventAt(card.gates), ...personOf(card), ...timeOf(card) } });
  if (card.kind === "requests") return { source, detail: { want_action: card.wants, ...ofEvent } };
  return { source, "detail-type": recorded, ...omitEmpty({ detail: ofEvent }) };
}

function personOf(card: CardWithHours): Fields {
  if (card.kind === "blacklist") return { person: { type: ["blacklist"] } };
  if (card.kind === "strangers") return { person: { type: ["stranger"] } };
  return card.kind === "person" ? { person: { id: [card.who] } } : {};
}

function timeOf(card: CardWithHours): Fields {
  if (!hasHours(card)) return {};
  const { from, to, weekdays, zone } = card;
  const days = isEveryDay(weekdays) ? {} : { weekdays };
  return { time: [{ between: [from ?? "00:00", to ?? "24:00"], zone: zone ?? "UTC", ...days }] };
}

function eventAt(gates: CardGates | null): Fields {
  if (gates === null) return {};
  if ("site" in gates) return { box: { site: siteIn(gates.site) } };
  const box = { id: [gates.box] };
  if (!("device" in gates)) return { box };
  // As the filter of events: a device is known by its id, its ep_id or its address.
  const names = [gates.device];
  return { box, device: { $or: [{ id: names }, { endpoint: names }, { ip: names }] } };
}

function silenceAt(gates: CardGates | null): Fields | null {
  if (gates === null) return null;
  if ("site" in gates) return { box: { site: siteIn(gates.site) } };
  const box = { id: [gates.box] };
  return "device" in gates ? { box, device: [gates.device] } : { box };
}

/** A box without a site belongs to the default one, and its entries name none. */
function siteIn(site: string): (string | null)[] {
  return site === defaultSite ? [site, null] : [site];
}

/**
 * The card that makes a pattern; null if none does. A pattern without `source` counts as one of Gatepost's bus. The
 * card is guessed from single members, and then has to make the same pattern again.
 */
export function cardOf(pattern: unknown): Card | null {
  const whole = { source, ...fieldsAt(pattern) };
  for (const guess of guessesOf(whole)) {
    const card = cardSchema.safeParse(guess).data;
    if (card !== undefined && isDeepStrictEqual(patternOf(card), whole)) return card;
  }
  return null;
}

function guessesOf(pattern: Fields): Fields[] {
  const detail = fieldsAt(pattern["detail"]);
  const event = fieldsAt(detail["event"]);
  const silence = { kind: "silence", ...guessedGates(detail, listAt(detail["device"])[0]) };
  const person = fieldsAt(event["person"]);
  const gates = guessedGates(event, deviceIn(event["device"]));
  const ofEvent = { ...gates, ...guessedHours(event["time"]) };
  const [who] = listAt(person["id"]);
  const [type] = listAt(person["type"]);
  return [
    silence,
    { kind: "targets" },
    { kind: "visitors", ...guessedGates(detail, deviceIn(detail["device"])) },
    { kind: "requests", wants: detail["want_action"], ...ofEvent },
    { kind: "person", who, ...ofEvent },
    { kind: type === "stranger" ? "strangers" : type, ...ofEvent },
    { kind: "everything", ...ofEvent },
  ];
}

function guessedGates(around: Fields, device: unknown): Fields {
  const box = fieldsAt(around["box"]);
  const [site] = listAt(box["site"]);
  if (site !== undefined) return { gates: { site } };
  const [id] = listAt(box["id"]);
  if (id === undefined) return {};
  return { gates: device === undefined ? { box: id } : { box: id, device } };
}

function deviceIn(device: unknown): unknown {
  const [first] = listAt(fieldsAt(device)["$or"]);
  return listAt(fieldsAt(first)["id"])[0];
}

function guessedHours(time: unknown): Fields {
  const [first] = listAt(time);
  const { between, zone, weekdays } = fieldsAt(first);
  const [from, to] = listAt(between);
  const isWhole = from === "00:00" && to === "24:00";
  const days = weekdays === undefined ? {} : { weekdays };
  return first === undefined ? {} : { ...(isWhole ? {} : { from, to }), zone, ...days };
}

function fieldsAt(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function listAt(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
