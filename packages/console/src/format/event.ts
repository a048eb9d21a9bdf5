import type { Event } from "@gatepost/client";
import { words } from "../words/index.ts";
import { visible } from "./visible.ts";

export type Kind = Event["person"]["type"];

/** Of 100, or null where the box sent none. A scale that is not known is 1 where the value fits into it. */
export function matchOf({ score, scoreScale }: Pick<Event, "score" | "scoreScale">): number | null {
  if (score === null) return null;
  const scale = scoreScale ?? (score <= 1 ? 1 : 100);
  return scale > 0 ? Math.min(100, Math.max(0, (score / scale) * 100)) : null;
}

/** Below this a match is drawn as a poor one. */
export const poorMatch = 60;

/** Where it was, as people say it: the device by its name, else the box. */
export const placeOf = ({ device, box }: Event) => visible(device.name) ?? box.id;

/** The device itself, also where it has only an address. */
export const deviceOf = ({ device }: Event) =>
  visible(device.name) ?? visible(device.ip) ?? visible(device.id) ?? visible(device.endpoint) ?? words.value.noDevice;

/** What stands beside the place, where a stranger is called by that. */
export const besidePlace = (event: Event) => (visible(event.device.name) === null ? deviceOf(event) : event.box.id);

const ownName = ({ person }: Event) => visible(person.name) ?? visible(person.id);

/** Whether a person has a name of their own to be called by. */
export const isNamed = (event: Event) => event.person.type !== "stranger" && ownName(event) !== null;

/** What an event is called where it stands alone: a stranger by the place. */
export function nameOf(event: Event): string {
  if (event.person.type === "stranger") return placeOf(event);
  return ownName(event) ?? words.value.somebody;
}

export const kindWord = (kind: Kind) => words.value.kinds[kind];

export const standsOut = ({ person }: Event) => person.type === "stranger" || person.type === "blacklist";
