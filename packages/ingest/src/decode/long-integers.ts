import { skipBlanks } from "./blanks.ts";

/** Where a run of digits begins in a text and where it ends. */
type Place = readonly [from: number, to: number];

const minus = 0x2d;
const zero = 0x30;
const colon = 0x3a;

/**
 * JSON with each integer that no double holds as the text of its digits: it is an id. What is no JSON stays none.
 *
 * @param places where runs of digits begin and end outside of strings, in pairs
 */
export function withLongIntegersAsTexts(json: string, places: readonly number[]): string {
  const pieces: string[] = [];
  let done = 0;
  for (let index = 0; index + 1 < places.length; index += 2) {
    const place: Place = [Number(places[index]), Number(places[index + 1])];
    if (!isLost(json, place)) continue;
    const [from, to] = withSign(json, place);
    pieces.push(json.slice(done, from), '"', json.slice(from, to), '"');
    done = to;
  }
  return pieces.length === 0 ? json : pieces.join("") + json.slice(done);
}

/** Whether it is an integer by JSON's rules, and a value, that a double would change. */
function isLost(json: string, [from, to]: Place): boolean {
  if (json.charCodeAt(from) === zero || json.charCodeAt(skipBlanks(json, to)) === colon) return false;
  return to - from > safeDigits || !Number.isSafeInteger(Number(json.slice(from, to)));
}

/** Digits of the largest integer of which all smaller ones are safe, too. */
const safeDigits = String(Number.MAX_SAFE_INTEGER).length;

function withSign(json: string, [from, to]: Place): Place {
  return [json.charCodeAt(from - 1) === minus ? from - 1 : from, to];
}
