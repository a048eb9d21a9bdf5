import { ofChannel } from "@gatepost/alerts/reasons/of-channel";
import type { ActionDelivery, Event } from "@gatepost/client";
import { inLanguage, inLanguageOrAsIs } from "../state/failure.ts";
import { entryOf, words } from "../words/index.ts";
import { clockTime } from "./time.ts";

export type Kind = Event["person"]["type"];

/** Percent, or null if the box sent none. An unknown scale is 1 if the value fits into it. */
export function matchOf({ score, scoreScale }: Pick<Event, "score" | "scoreScale">): number | null {
  if (score === null) return null;
  const scale = scoreScale ?? (score <= 1 ? 1 : 100);
  return scale > 0 ? Math.min(100, Math.max(0, (score / scale) * 100)) : null;
}

/** Below this a match is drawn as a poor one. */
export const poorMatch = 60;

/** The name of a box as people have set it, else its id. */
export const boxNameOf = ({ id, name }: { id: string; name: string | null }) => visible(name) ?? id;

/** The name of a device as people have set it, else as its box says it; null if it has none. */
export const deviceNameOf = ({ label, name }: { label: string | null; name: string | null }) =>
  visible(label) ?? visible(name);

/** Where it was, as people say it: the device by its name, else the box. */
export const placeOf = ({ device, box }: Event) => deviceNameOf(device) ?? boxNameOf(box);

/** The name of the device itself, or its address if that is all it has. */
export const deviceOf = ({ device }: Event) =>
  deviceNameOf(device) ?? visible(device.ip) ?? visible(device.id) ?? visible(device.endpoint) ?? words.value.noDevice;

/** The text beside the place, if a stranger is called by the place. */
export const besidePlace = (event: Event) =>
  deviceNameOf(event.device) === null ? deviceOf(event) : boxNameOf(event.box);

/** The name in the event, else the one by which People know the person, else the id. */
const ownName = ({ person }: Event) =>
  visible(person.name) ?? visible(person.known?.name ?? null) ?? visible(person.id);

/** Whether a person can be called by a name. */
export const isNamed = (event: Event) => event.person.type !== "stranger" && ownName(event) !== null;

/** The name of an event that is shown alone: for a stranger the place. */
export function nameOf(event: Event): string {
  if (event.person.type === "stranger") return placeOf(event);
  return ownName(event) ?? words.value.somebody;
}

export const kindWord = (kind: Kind) => words.value.kinds[kind];

export const standsOut = ({ person }: Event) => person.type === "stranger" || person.type === "blacklist";

/** The actions that boxes ask for. */
export const wantActions = ["1001", "1002"] as const;

/** The action that an entry of the bus announces, by the entry's type. An event has one action of a kind at most. */
export const wantActionOf = (detailType: string): "1001" | "1002" | null =>
  detailType === "Stranger Registration Requested"
    ? "1001"
    : detailType === "Base Photo Update Requested"
      ? "1002"
      : null;

/** What a subscriber was told, by the type of an entry of the bus. */
export function entryWords(detailType: string): string {
  const wantAction = wantActionOf(detailType);
  return wantAction === null ? detailType : words.value.wants[wantAction];
}

/** How a delivery went, in one line: the answer, the number of tries, the next try. */
export function deliveryWords({ state, status, ms, reason, tries, nextAt, rule }: ActionDelivery): string {
  const { event: w } = words.value;
  const hasAnswer = status !== null && status !== undefined && ms !== null && ms !== undefined;
  if (state === "held") return heldWords(reason ?? "");
  const answer = state === "delivered" && hasAnswer ? w.answered(status, ms) : reasonWords(reason ?? null, rule);
  const next = nextAt === null || nextAt === undefined ? null : w.next(clockTime(nextAt));
  return inShort(answer, tries > 1 || state !== "delivered" ? w.tries(tries) : null, next);
}

/** Why an entry caused no alert alone; an unknown reason is shown unchanged. */
function heldWords(reason: string): string {
  return entryOf(words.value.delivery.held, reason) ?? reason;
}

/** Why a delivery failed, as a sentence; a reason that is not known is shown as it is. */
export function reasonWords(reason: string | null, ruleName: string | null): string | null {
  const { delivery: w } = words.value;
  if (reason === null) return null;
  // A key that is limited to boxes is not told the names of rules.
  const rule = ruleName ?? "***";
  const answered = /^answered (\d{3})/.exec(reason)?.[1];
  if (answered !== undefined) return w.answered(rule, answered);
  const waited = /^no answer within (\d+) ms/.exec(reason)?.[1];
  if (waited !== undefined) return w.noAnswer(rule, String(Math.round(Number(waited) / 1000)));
  if (/rule was removed/.test(reason)) return w.removed;
  if (reason === "too-late") return w.tooLate;
  if (/private (address|network)/.test(reason)) return w.private(rule);
  const said = ofChannel(reason, inLanguage) ?? inLanguageOrAsIs(reason);
  if (said !== reason) return said;
  return /E[A-Z]{4,}|certificate|TLS/.test(reason) ? `${w.unreachable(rule)} (${reason})` : reason;
}

/** Sentences in one line, without their full stops. */
export function inShort(...sentences: readonly (string | null)[]): string {
  return sentences.flatMap((sentence) => (sentence === null ? [] : [sentence.replace(/[.。]$/, "")])).join(" · ");
}

/** Sentences one after the other. In Chinese no space is between them: the full stop is as wide as one. */
export function inSequence(...sentences: readonly (string | null)[]): string {
  return sentences
    .filter((sentence) => sentence !== null)
    .reduce((before, next) => (/[。！？；]$/.test(before) ? `${before}${next}` : `${before} ${next}`));
}

/** A text of a box if a reader can see any of it: blanks and invisible characters are no name. */
export const visible = (text: string | null) => (text !== null && /[^\p{Z}\p{Cc}\p{Cf}]/u.test(text) ? text : null);
