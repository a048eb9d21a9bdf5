import type { Zone } from "@gatepost/core/zones";
import { type PersonType, personTypes } from "@gatepost/protocol";
import type { NamedCounts, SummaryState } from "./gate/state.ts";
import { aboutOthers } from "./gate/state.ts";
import { countOf } from "./gate/summary-state.ts";
import type { Line, Part } from "./message/lines.ts";
import { longValue, type Message, reasonIn, targetState, titleOf, whenOf, whereOf } from "./message/message.ts";
import type { Subject } from "./message/subject.ts";
import { words } from "./message/words.ts";
import type { Language } from "./target/template.ts";

/** How many places and boxes a summary names. */
const maxPlaces = 3;
const maxBoxes = 5;

/** Entries, and the share of them, from which on one box floods. */
const minFlood = 10;
const minFloodShare = 0.8;

/** What a summary names one by one, with the link to its event. */
export interface SummaryItem {
  subject: Subject;
  url: string | null;
}

interface Deps {
  rule: string;
  language: Language;
  zone: Zone;
  items: readonly SummaryItem[];
}

/** One message for all that was held back. */
export function summaryMessage(summary: SummaryState, { rule, language, zone, items }: Deps): Message {
  const said = words[language];
  const count = countOf(summary);
  const { since, last, byType, byPlace, byBox } = summary;
  const places = mostOf(byPlace).slice(0, maxPlaces);
  const boxes = mostOf(byBox).slice(0, maxBoxes);
  const rest = count - items.length;
  return {
    rule,
    title: said.summary(count),
    lines: [
      [{ words: said.span(whenOf(since, zone), whenOf(last, zone)) }],
      joined(byType.map(([type, n]): Line => [{ words: `${typeWord(type, language)} ${n}` }])),
      joined(places.map(([place, n]): Line => [{ value: place }, { words: ` ${n}` }])),
      joined(boxes.map(([box, n]): Line => [{ value: said.box(box) }, { words: ` ${n}` }])),
      ...floodLine(summary, language),
      ...items.map((item) => itemLine(item, language, zone)),
      ...(rest > 0 && items.length > 0 ? [[{ words: said.more(rest) }]] : []),
    ],
    picture: null,
    pictureUrl: null,
    url: items[0]?.url ?? null,
    isUrgent: byType.some(([type]) => type === "blacklist"),
    facts: { rule, about: "summary", at: new Date(last).toISOString(), since: new Date(since).toISOString(), count },
  };
}

function mostOf(counts: NamedCounts): NamedCounts {
  return counts.toSorted(([, a], [, b]) => b - a);
}

/** Tells if nearly all is of one box: a box or its key then sends what it should not. */
function floodLine(summary: SummaryState, language: Language): Line[] {
  const [busiestBox] = mostOf(summary.byBox);
  const count = countOf(summary);
  if (busiestBox === undefined || busiestBox[1] < minFlood || busiestBox[1] < minFloodShare * count) return [];
  return [[{ words: words[language].flood(busiestBox[1], count) }, { value: busiestBox[0] }]];
}

function itemLine({ subject, url }: SummaryItem, language: Language, zone: Zone): Line {
  const { target } = subject;
  const where = target === undefined ? [{ value: whereOf(subject, language) }] : longValue(reasonIn(target, language));
  const state = target && targetState({ ...subject, target }, { language, zone });
  const line: Part[] = [
    { value: titleOf(subject, language) },
    { words: " · " },
    ...where,
    { words: ` · ${state ?? whenOf(Date.parse(subject.at), zone)} ` },
  ];
  return url === null ? line : [...line, { link: { label: words[language].open, url } }];
}

function joined(lines: readonly Line[]): Line {
  return lines.flatMap((line, index) => (index === 0 ? line : [{ words: " · " }, ...line]));
}

/** The type of a person, or what a box did. */
function typeWord(type: string, language: Language): string {
  const { kinds, what } = words[language];
  const kind: PersonType | undefined = personTypes.find((one) => one === type);
  if (kind !== undefined) return kinds[kind];
  return what[aboutOthers.find((one) => one === type) ?? "silent"];
}
