import type { Api } from "@gatepost/client";
import { duration } from "../format/time.ts";
import { defaultSite } from "../state/sites.ts";
import { boxWords } from "../words/boxes.ts";
import { enSentences, type Facts } from "../words/en-log.ts";
import { entryOf, within, words } from "../words/index.ts";
import { wordsOfPage } from "../words/of-page.ts";
import { settingsWords } from "../words/settings.ts";
import { zhSentences } from "../words/zh-log.ts";

export type Entry = Api["GET /v1/audit"]["answer"]["entries"][number];

/** The names by ids of entries. The id of a site is any text, so sites have a map of their own. */
export interface Names {
  sites: ReadonlyMap<string, string>;
  /** Of accounts, boxes, and devices (`dev_…`). */
  others: ReadonlyMap<string, string>;
}

const sentences = wordsOfPage(enSentences, zhSentences);

/** The act as the rest of a sentence that begins with who did it; by the name of its kind if that says all; an unknown one as it is. */
export function actWords({ action, about }: Pick<Entry, "action" | "about">, names: Names): string {
  const name = entryOf(settingsWords.value.log.actions, action) ?? action;
  return entryOf(sentences.value, action)?.(factsOf(about, names)) ?? within(name);
}

/** The entry as it is stored, for a closer look. */
export const storedFacts = ({ action, about }: Pick<Entry, "action" | "about">) =>
  [action, ...Object.entries(about).map(([name, value]) => `${name}=${value}`)].join(" ");

export function factsOf(about: Entry["about"], names: Names): Facts {
  return {
    has: (member) => about[member] !== undefined,
    is: (member, value) => about[member] === value,
    number: (member) => Number(about[member] ?? 0).toLocaleString(words.value.locale),
    text(member) {
      const value = about[member];
      if (value === undefined) return "";
      const texts = Array.isArray(value) ? value : [`${value}`];
      return texts.map((text) => textOf(member, text, names)).join(words.value.code === "zh-CN" ? "、" : ", ");
    },
  };
}

function textOf(member: string, text: string, names: Names): string {
  const { roles, directions, somebody, noDevice, filters } = words.value;
  const { site, with: ways, mays } = settingsWords.value;
  const siteName = () => names.sites.get(text) ?? (text === defaultSite ? filters.defaultSite : undefined);
  const boxName = () => names.others.get(text);
  /** The words of a value by its member; without any, it is shown as it is. */
  const known: Record<string, () => string | undefined> = {
    account: () => names.others.get(text) ?? somebody,
    device: () => names.others.get(text) ?? noDevice,
    box: boxName,
    boxes: boxName,
    site: siteName,
    sites: siteName,
    role: () => entryOf<string>(roles, text)?.toLowerCase(),
    with: () => entryOf<string>(ways, text),
    scope: () => entryOf<string>(mays, text),
    direction: () => entryOf<string>(directions, text) ?? site.asSaid,
    afterMs: () => (Number.isNaN(Number(text)) ? boxWords.value.byRhythm : duration(Number(text))),
  };
  return entryOf(known, member)?.() ?? text;
}

/** Who did it: a person by the name, a key by its note. */
export function actorWords(by: Entry["by"]): string {
  const { log } = settingsWords.value;
  if ("account" in by) return by.name ?? by.account;
  if (by.key === "setup") return log.byFirstLink;
  if (by.key === "first-start") return log.byFirstStart;
  return by.key === "key_process" ? log.onMachine : (by.note ?? by.key);
}
