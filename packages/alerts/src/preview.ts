import type { AlertAsked, AlertPreview } from "@gatepost/core/rules";
import { Zone } from "@gatepost/core/zones";
import { senders } from "./channels/senders.ts";
import type { Line } from "./message/lines.ts";
import { messageOf } from "./message/message.ts";
import { printable } from "./message/safe.ts";
import { type Subject, subjectOfEvent } from "./message/subject.ts";
import { isAbroad, usualLanguage } from "./target/channel-url.ts";
import { templateOf } from "./target/template.ts";

/** Links of a preview: the lines show their words alone. */
const links = { event: "…", picture: "…", mute: "…" };

/** The alert that people would get. Returns the fault of the template as a text. */
export function previewOf(asked: AlertAsked, usualZone: Zone): AlertPreview | string {
  const { channel, url, rule, template: text, zone } = asked;
  const template = templateOf(text ?? usualLanguage(channel, url), isAbroad(channel));
  if (typeof template === "string") return template;
  const isSent = senders[channel].pictureBytes > 0;
  const subject = subjectOf(asked);
  const isAsked = template.lines.flat().some((part) => typeof part !== "string" && part.name === "picture");
  const isShown = isAsked || !isAbroad(channel);
  const hasPicture = isShown && subject.event !== null && Object.keys(subject.event.pictures).length > 0;
  const { title, lines } = messageOf(subject, {
    rule,
    target: { template },
    picture: null,
    zone: (zone === null ? null : Zone.find(zone)) ?? usualZone,
    links:
      subject.event === null ? { event: null, picture: null, mute: null } : linksOf(subject, isSent || !hasPicture),
  });
  const picture = hasPicture ? (isSent ? ("sent" as const) : ("linked" as const)) : null;
  return { title, lines: lines.map(partsOf), picture };
}

/** A picture that is sent along has no link, and strangers cannot be muted. */
function linksOf({ person, personType }: Subject, isWithoutPicture: boolean) {
  const canBeMuted = person !== null && personType !== "blacklist";
  return { ...links, picture: isWithoutPicture ? null : links.picture, mute: canBeMuted ? links.mute : null };
}

function subjectOf({ about, event, box, now }: AlertAsked): Subject {
  const isOfEvent = about !== "silent" && about !== "recovered" && about !== "target-failing";
  if (event !== null && isOfEvent) return subjectOfEvent(event, about, false);
  const at = new Date(now).toISOString();
  return {
    about,
    event: null,
    stored: null,
    person: null,
    personType: null,
    late: false,
    box,
    device: null,
    at,
    ...(about === "target-failing" && { target: { since: at, reason: "answered 503", waiting: 3 } }),
  };
}

function partsOf(line: Line): AlertPreview["lines"][number] {
  return line.map((part) => {
    if ("words" in part) return { text: part.words, isLink: false };
    return "value" in part ? { text: printable(part.value), isLink: false } : { text: part.link.label, isLink: true };
  });
}
