import type { Api, Rule } from "@gatepost/client";
import { useSignal } from "@preact/signals";

type Target = Rule["target"];
export type Channel = NonNullable<Target["type"]>;
type Wish = Api["PUT /v1/rules/{name}"]["body"]["target"];

export const channels: readonly Channel[] = ["wecom", "dingtalk", "feishu", "email", "mqtt", "ntfy"];

const example = { source: ["gatepost"], detail: { want_action: ["1001"] } };

/** The fields of a rule, as they are stored. A secret is never read. */
function storedFields(rule: Rule | null) {
  const { target } = rule ?? {};
  return {
    pattern: JSON.stringify(rule?.pattern ?? example, null, 2),
    /** Empty for a webhook. */
    type: (target?.type ?? "") as Channel | "",
    url: target?.url ?? "https://",
    allowPrivate: target?.allowPrivate ?? false,
    /** The typed draft replaces the kept one. */
    secret: "",
    to: target?.to ?? "",
    template: target?.template ?? "",
    cooldown: target?.cooldownSeconds === undefined ? "" : String(target.cooldownSeconds),
    quietFrom: target?.quiet?.from ?? "",
    quietTo: target?.quiet?.to ?? "",
    quietZone: target?.quiet?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

/** The typed draft, and whether it differs from the stored rule. */
export function useDraft(rule: Rule | null) {
  const stored = storedFields(rule);
  const draft = {
    name: useSignal(rule?.name ?? ""),
    pattern: useSignal(stored.pattern),
    type: useSignal(stored.type),
    url: useSignal(stored.url),
    allowPrivate: useSignal(stored.allowPrivate),
    secret: useSignal(stored.secret),
    to: useSignal(stored.to),
    template: useSignal(stored.template),
    cooldown: useSignal(stored.cooldown),
    quietFrom: useSignal(stored.quietFrom),
    quietTo: useSignal(stored.quietTo),
    quietZone: useSignal(stored.quietZone),
  };
  const names = Object.keys(stored) as (keyof typeof stored)[];
  const isNamed = rule === null && draft.name.value !== "";
  return {
    ...draft,
    /** The whole draft as one text: equal to another if nothing was typed since. */
    text: JSON.stringify([draft.name.value, ...names.map((name) => draft[name].value)]),
    isChanged: isNamed || names.some((name) => draft[name].value !== stored[name]),
    /** Shows the stored rule, as after saving: the server writes some of it in another form. */
    reset() {
      // In a loop over the names, the type of each field is lost.
      for (const name of names) (draft[name] as { value: unknown }).value = stored[name];
    },
  };
}

export type Draft = ReturnType<typeof useDraft>;

/** What the server is asked to write. A secret that was not typed stays as it is. */
export function wishOf(draft: Draft, rule: Rule | null): Wish {
  const { url, allowPrivate, type, secret } = draft;
  const common = {
    ...{ url: url.value, allowPrivate: allowPrivate.value },
    ...(secret.value === "" ? {} : { secret: secret.value }),
  };
  if (type.value === "") return rule?.target.type === undefined ? common : { ...common, type: null };
  const { to, template, cooldown, quietFrom, quietTo, quietZone } = draft;
  const hasHours = quietFrom.value !== "" && quietTo.value !== "";
  return {
    ...common,
    type: type.value,
    to: hasRecipients(type.value) && to.value !== "" ? to.value : null,
    template: template.value === "" ? null : template.value,
    cooldownSeconds: cooldown.value === "" ? null : Number(cooldown.value),
    quiet: hasHours ? { from: quietFrom.value, to: quietTo.value, zone: quietZone.value } : null,
  };
}

/** Whether the rule names a receiver beside the URL: addresses of a mail, or a topic. */
export function hasRecipients(type: Channel | ""): boolean {
  return type === "email" || type === "mqtt";
}
