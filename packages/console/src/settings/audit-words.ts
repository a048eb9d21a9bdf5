import type { Api } from "@gatepost/client";
import { entryOf, words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";

export type Entry = Api["GET /v1/audit"]["answer"]["entries"][number];

/** The action, in a few words; an unknown one is shown unchanged. */
export function actionWords({ action, about }: Pick<Entry, "action" | "about">): string {
  const { log } = settingsWords.value;
  if (action === "account-changed" && "role" in about) return log.roleChanged;
  return entryOf(log.actions, action) ?? action;
}

/** Members that only describe the record, and not the act. */
const left = new Set(["asked", "event", "person", "action", "job", "session", "letter", "again"]);

/**
 * What it was done to, in one line.
 *
 * @param names the people by the ids of their accounts
 */
export function aboutWords(
  { action, about }: Pick<Entry, "action" | "about">,
  names: ReadonlyMap<string, string>,
): string {
  const { log } = settingsWords.value;
  const { code } = words.value;
  const facts = Object.entries(about)
    .filter(([name]) => !left.has(name))
    .map(([name, value]) => {
      const text = valueWords(name, value, names);
      const known = entryOf(log.facts, name) ?? name;
      return value === true ? known : code === "zh-CN" ? `${known}：${text}` : `${known}: ${text}`;
    });
  const erased = action === "person-erased" || action === "event-erased" ? [log.noName] : [];
  return [...facts, ...erased].join(" · ");
}

function valueWords(name: string, value: Entry["about"][string], names: ReadonlyMap<string, string>): string {
  const w = settingsWords.value;
  const { roles, locale, code } = words.value;
  const text = Array.isArray(value) ? value.join(code === "zh-CN" ? "、" : ", ") : `${value}`;
  if (typeof value === "number") return value.toLocaleString(locale);
  if (name === "account") return names.get(text) ?? text;
  if (name === "role") return entryOf<string>(roles, text) ?? text;
  if (name === "with") return entryOf<string>(w.with, text) ?? text;
  return text;
}

/** Who did it: a person by the name, a key by its note. */
export function actorWords(by: Entry["by"]): string {
  const { log } = settingsWords.value;
  if ("account" in by) return by.name ?? by.account;
  if (by.key === "setup") return log.byFirstLink;
  return by.key === "key_process" ? log.onMachine : (by.note ?? by.key);
}
