import { isUsableTime, milliseconds } from "./instant.ts";
import { isObject, type Json } from "./json.ts";
import { layouts, shownBy } from "./layouts.ts";
import { cardNumbers, ends, inWords, number, personNames, personNumbers } from "./name-words.ts";

/**
 * Values that are looked at, and elements of each list: a report is looked at while its box waits. A longer text is no
 * picture, and a look into one that is put together of pieces would copy it.
 */
const most = { leaves: 400, elements: 2, characters: 16 * 1024 * 1024 };

/** Names of members that are about a person, or may be. */
const ofPerson = ends(`${personNumbers}|${personNames}|${cardNumbers}|(?:work|job) ?(?:${number})`);

/** How a picture begins in base64, also in a data URI. */
const picture = /^\s{0,9}(?:data:image|[/_]9j[/_]|iVBORw0K)/;

/**
 * Whether a report of an unknown format seems to be about a passing: it has a time, and a person or a picture. A quick
 * look, which finds more than `suggest`, and nothing less in any format that is known of.
 */
export function seemsPassing(report: Json, receivedAt: number): boolean {
  let [left, hasTime, hasPerson] = [most.leaves, false, false];
  const look = (value: Json, name: string): void => {
    if ((hasTime && hasPerson) || left === 0 || value === null || isSkipped(value)) return;
    if (Array.isArray(value)) {
      for (const element of value.slice(0, most.elements)) look(element, name);
    } else if (isObject(value)) {
      for (const [key, inner] of Object.entries(value)) look(inner, `${name} ${inWords([key])}`.slice(-200));
    } else {
      left -= 1;
      hasTime ||= isTime(value, receivedAt);
      hasPerson ||= isOfPerson(value, name);
    }
  };
  look(report, "");
  return hasTime && hasPerson;
}

/** Whether a value is empty, or longer than any picture. */
function isSkipped(value: Json): boolean {
  return value === "" || (typeof value === "string" && value.length > most.characters);
}

function isOfPerson(value: string | number | boolean, name: string): boolean {
  if (typeof value === "boolean") return false;
  return ofPerson.test(name) || picture.test(`${value}`) || /^\p{Script=Han}{2,4}$/u.test(`${value}`);
}

function isTime(value: string | number | boolean, receivedAt: number): boolean {
  const text = String(value).trim();
  // A day, and a time of day in minutes without zeros in front.
  if (typeof value === "boolean" || text.length > 40 || text.replaceAll(/\D/g, "").length < 9) return false;
  const times = [milliseconds(value), ...layouts.map((layout) => shownBy(text, layout))];
  return times.some((time) => time !== null && isUsableTime(time, receivedAt));
}
