import type { Zone } from "@gatepost/core/zones";
import { reasonInChinese } from "../reasons/in-chinese.ts";
import type { AlertTarget } from "../target/target.ts";
import type { Placeholder } from "../target/template.ts";
import type { Line, Part } from "./lines.ts";
import { firstShown, printable } from "./safe.ts";
import { isUrgent, type Subject, type TargetState } from "./subject.ts";
import { words } from "./words.ts";

export interface Picture {
  bytes: Buffer;
  contentType: "image/jpeg" | "image/png";
}

/** The links of an alert; null if there is none, or Gatepost's own address is unknown. */
export interface Links {
  event: string | null;
  picture: string | null;
  mute: string | null;
}

/** An alert, before it is put into the form of a channel. */
export interface Message {
  rule: string;
  /** One line, as plain text. */
  title: string;
  lines: Line[];
  /** The picture to attach; null if the channel takes links, or there is none. */
  picture: Picture | null;
  /** The link to it, for channels that take links. */
  pictureUrl: string | null;
  /** The target of a click. */
  url: string | null;
  isUrgent: boolean;
  /** What programs read: texts as the box sent them. */
  facts: Record<string, string | number | null>;
}

interface MessageDeps {
  rule: string;
  target: Pick<AlertTarget, "template">;
  zone: Zone;
  links: Links;
  picture: Picture | null;
}

/** The alert about one thing, as the rule's template has it. A picture that is sent along needs no link. */
export function messageOf(subject: Subject, { rule, target, zone, links: made, picture }: MessageDeps): Message {
  const links = picture === null ? made : { ...made, picture: null };
  const { language, lines } = target.template;
  const said = valuesOf(subject, { rule, zone, links, language });
  const { event, person, personType, box, device, at } = subject;
  return {
    rule,
    title: titleOf(subject, language),
    lines: targetLines(subject, { language, zone }) ?? linesOf(lines, said),
    picture,
    pictureUrl: links.picture,
    url: links.event,
    isUrgent: isUrgent(subject),
    facts: {
      rule,
      about: subject.about,
      at,
      ...(subject.target === undefined ? { box, device } : { target: box, ...subject.target }),
      person,
      personType,
      name: event?.person.name ?? null,
      score: event?.score ?? null,
      event: event?.id ?? null,
      link: links.event,
    },
  };
}

/** The lines of a template with their values, without those whose values are all empty. */
function linesOf(lines: AlertTarget["template"]["lines"], said: Record<Placeholder, Part | null>): Line[] {
  return lines.flatMap((line) => {
    const parts = line.map((part) => (typeof part === "string" ? { words: part } : said[part.name]));
    const named = line.filter((part) => typeof part !== "string");
    const isSaid = named.length === 0 || named.some(({ name }) => said[name] !== null);
    return isSaid ? [parts.filter((part) => part !== null)] : [];
  });
}

interface Telling {
  language: "zh" | "en";
  zone: Zone;
}

/** What is told of a target: no template has names for it. Null if the subject is none. */
function targetLines(subject: Subject, telling: Telling): Line[] | null {
  const { box: rule, target } = subject;
  if (target === undefined) return null;
  const said = words[telling.language];
  return [
    [{ words: said.ofRule }, { value: rule }],
    [{ words: said.reason }, ...longValue(reasonIn(target, telling.language))],
    [{ words: targetState({ ...subject, target }, telling) }],
  ];
}

/** Since when a target takes nothing, or when it recovered, and how many entries wait. */
export function targetState(
  { about, at, target: { since, waiting } }: Pick<Subject, "about" | "at"> & { target: TargetState },
  { language, zone }: Telling,
): string {
  const said = words[language];
  const begin = whenOf(Date.parse(since), zone);
  if (about === "target-failing") return said.failing(begin, waiting);
  return said.back(whenOf(Date.parse(at), zone), begin, waiting);
}

/** The reason of a target in the language of the message. */
export function reasonIn({ reason }: Pick<TargetState, "reason">, language: "zh" | "en"): string {
  return language === "zh" ? reasonInChinese(reason) : reason;
}

/** Characters of a part of a long value. */
const partLength = 70;

/** A text from outside that may be longer than one value, in parts between blanks. */
export function longValue(text: string): Part[] {
  const parts: string[] = [];
  for (const word of text.split(/\s+/)) {
    const longer = `${parts.at(-1) ?? ""} ${word}`.trim();
    if (parts.length > 0 && longer.length <= partLength) parts[parts.length - 1] = longer;
    else parts.push(word);
  }
  return parts.flatMap((value, index): Part[] => (index === 0 ? [{ value }] : [{ words: " " }, { value }]));
}

/** The subject and the person, in one line. */
export function titleOf(subject: Subject, language: "zh" | "en"): string {
  const who = whoOf(subject, language) ?? subject.box;
  const title = words[language].what[subject.about];
  return subject.about === "test" ? title : `${title}${language === "zh" ? "：" : ": "}${printable(who)}`;
}

/** Null if it is about a box or an evacuation. */
function whoOf({ event, person, personType, visit }: Subject, language: "zh" | "en"): string | null {
  if (event === null || personType === null) return null;
  if (personType === "stranger") return words[language].kinds.stranger;
  const name = firstShown(visit?.name ?? null, event.person.name, person) ?? words[language].nobody;
  const host = firstShown(visit?.host ?? null);
  return host === null ? name : words[language].visits(name, host);
}

export function whereOf(
  { box, device, roll }: Pick<Subject, "box" | "device" | "roll">,
  language: "zh" | "en",
): string {
  if (roll !== undefined) return box;
  return `${device ?? words[language].nowhere} · ${words[language].box(box)}`;
}

/** The local time of the zone, as `2026-11-21 14:05:09 +08:00`. */
export function whenOf(time: number, zone: Zone): string {
  return zone
    .text(time)
    .replace("T", " ")
    .replace(/([+-]\d\d:\d\d)$/, " $1");
}

function valuesOf(
  subject: Subject,
  { rule, zone, links, language }: Omit<MessageDeps, "target" | "picture"> & { language: "zh" | "en" },
): Record<Placeholder, Part | null> {
  const said = words[language];
  const { event, personType, late } = subject;
  const value = (text: string | null | undefined): Part | null => (text ? { value: text } : null);
  const link = (url: string | null, label: string): Part | null => (url === null ? null : { link: { label, url } });
  return {
    what: { words: said.what[subject.about] },
    who: value(whoOf(subject, language)),
    kind: personType === null ? null : { words: said.kinds[personType] },
    where: subject.about === "test" ? null : value(whereOf(subject, language)),
    when: { words: `${whenOf(Date.parse(subject.at), zone)}${late ? said.late : ""}` },
    score: value(event?.score === null ? null : event?.score?.toFixed(2)),
    box: value(subject.box),
    device: value(subject.device),
    rule: { words: rule },
    link: link(links.event, subject.roll === undefined ? said.open : said.openList),
    picture: link(links.picture, said.picture),
    mute: link(links.mute, said.mute),
  };
}

/** What tells that a rule reaches whom it should. */
export function testMessage({
  rule,
  target,
  zone,
  now,
}: Pick<MessageDeps, "rule" | "target" | "zone"> & { now: number }): Message {
  const { language } = target.template;
  const said = words[language];
  return {
    rule,
    title: said.what.test,
    lines: [[{ words: said.test }], [{ words: `${rule} · ${whenOf(now, zone)}` }]],
    picture: null,
    pictureUrl: null,
    url: null,
    isUrgent: false,
    facts: { rule, about: "test", at: new Date(now).toISOString() },
  };
}
