import type { Api, Rule } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { type Card, sentCard } from "./card.ts";

type Target = Rule["target"];
type TargetType = NonNullable<Target["type"]>;
type Body = Api["PUT /v1/rules/{name}"]["body"];

export const targetTypes: readonly TargetType[] = [
  "wecom",
  "dingtalk",
  "feishu",
  "email",
  "mqtt",
  "ntfy",
  "slack",
  "telegram",
  "teams",
];

const example = { source: ["gatepost"], detail: { want_action: ["1001"] } };

/** What a new rule begins with. */
export interface Start {
  card: Card;
}

/** Seconds without a second alert and whether for a gate or a person, as `300 gate`. */
const usuallyAgain = "300 gate";

/** Cards whose alerts are for people; the others are for programs. */
const isForPeople = ({ kind }: Card) => kind !== "requests" && kind !== "everything" && kind !== "own";

/** The fields of a rule, as they are stored. A secret is never read. */
function storedFields(rule: Rule | null, start: Start) {
  const card = rule?.card ?? start.card;
  const usualType: TargetType | "" = isForPeople(card) ? "wecom" : "";
  const type: TargetType | "" = rule === null ? usualType : (rule.target.type ?? "");
  return {
    card,
    /** The pattern as text if it is typed; null if the card makes it. */
    typed: card.kind === "own" ? JSON.stringify(rule?.pattern ?? example, null, 2) : null,
    /** Empty for a webhook. */
    type,
    url: rule?.target.url ?? (type === "" ? "https://" : ""),
    allowPrivate: rule?.target.allowPrivate ?? false,
    /** The typed draft replaces the kept one. */
    secret: "",
    ...alertFields(rule?.target ?? {}),
  };
}

const zoneHere = Intl.DateTimeFormat().resolvedOptions().timeZone;

function alertFields({ to = "", template = "", cooldownSeconds, cooldownPer, quiet }: Partial<Target>) {
  return {
    to,
    template,
    again: `${cooldownSeconds ?? 300} ${cooldownPer ?? "gate"}`,
    quietFrom: quiet?.from ?? "",
    quietTo: quiet?.to ?? "",
    quietZone: quiet?.zone ?? zoneHere,
  };
}

/** The typed draft, and whether it differs from the stored rule. */
export function useDraft(rule: Rule | null, start: Start) {
  const stored = storedFields(rule, start);
  const draft = {
    name: useSignal(rule?.name ?? ""),
    card: useSignal<Card>(stored.card),
    typed: useSignal(stored.typed),
    type: useSignal(stored.type),
    url: useSignal(stored.url),
    allowPrivate: useSignal(stored.allowPrivate),
    secret: useSignal(stored.secret),
    to: useSignal(stored.to),
    template: useSignal(stored.template),
    again: useSignal(stored.again),
    quietFrom: useSignal(stored.quietFrom),
    quietTo: useSignal(stored.quietTo),
    quietZone: useSignal(stored.quietZone),
  };
  const names = Object.keys(stored) as (keyof typeof stored)[];
  const isNamed = rule === null && draft.name.value !== "";
  const isChangedAt = (name: keyof typeof stored) => JSON.stringify(draft[name].value) !== JSON.stringify(stored[name]);
  return {
    ...draft,
    /** The whole draft as one text: equal to another if nothing was typed since. */
    text: JSON.stringify([draft.name.value, ...names.map((name) => draft[name].value)]),
    isChanged: isNamed || names.some(isChangedAt),
    /** Shows the stored rule, as after saving: the server writes some of it in another form. */
    reset() {
      // In a loop over the names, the type of each field is lost.
      for (const name of names) (draft[name] as { value: unknown }).value = stored[name];
    },
  };
}

export type Draft = ReturnType<typeof useDraft>;

/** What a draft matches: a card, or a pattern that is typed. */
export type Matching = Pick<Body, "card" | "pattern">;

/** Null while it cannot be sent: the pattern is no JSON, or the card lacks something. */
export function matchingOf({ card, typed }: Draft): { matching: Matching | null; fault: string | null } {
  if (typed.value === null) {
    const sent = sentCard(card.value);
    return { matching: sent === null ? null : { card: sent }, fault: null };
  }
  try {
    return { matching: { pattern: JSON.parse(typed.value) }, fault: null };
  } catch (error) {
    return { matching: null, fault: error instanceof Error ? error.message : String(error) };
  }
}

/** What the server is asked to write. A secret that was not typed stays as it is. */
export function wishOf(draft: Draft, rule: Rule | null): Body["target"] {
  const { url, allowPrivate, type, secret } = draft;
  const common = {
    url: url.value,
    allowPrivate: allowPrivate.value,
    ...(secret.value === "" ? {} : { secret: secret.value }),
  };
  if (type.value === "") return rule?.target.type === undefined ? common : { ...common, type: null };
  const { to, template, again, quietFrom, quietTo, quietZone } = draft;
  const hasHours = quietFrom.value !== "" && quietTo.value !== "";
  const [seconds, per] = again.value.split(" ");
  const isUsual = again.value === usuallyAgain;
  return {
    ...common,
    type: type.value,
    to: hasRecipients(type.value) && to.value !== "" ? to.value : null,
    template: template.value === "" ? null : template.value,
    cooldownSeconds: isUsual ? null : Number(seconds),
    cooldownPer: per === "person" ? "person" : null,
    quiet: hasHours ? { from: quietFrom.value, to: quietTo.value, zone: quietZone.value } : null,
  };
}

/** Whether the rule names a receiver beside the URL: addresses of a mail, a topic, or a chat. */
export function hasRecipients(type: TargetType | ""): boolean {
  return type === "email" || type === "mqtt" || type === "slack" || type === "telegram";
}
