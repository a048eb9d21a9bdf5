import { skipBlanks } from "./blanks.ts";

/** Where a run of digits begins and ends in a text. */
type Place = readonly [from: number, to: number];

const minus = 0x2d;
const zero = 0x30;
const colon = 0x3a;

/**
 * Replaces each integer that a double cannot hold by a text of its digits: it is an id. Text that is not JSON stays
 * invalid.
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

/** Whether these digits are a whole value, an integer by JSON's rules, and would change as a double. */
function isLost(json: string, [from, to]: Place): boolean {
  if (json.charCodeAt(from) === zero || json.charCodeAt(skipBlanks(json, to)) === colon) return false;
  return to - from > safeDigits || !Number.isSafeInteger(Number(json.slice(from, to)));
}

/** The digits of the largest safe integer. */
const safeDigits = String(Number.MAX_SAFE_INTEGER).length;

function withSign(json: string, [from, to]: Place): Place {
  return [json.charCodeAt(from - 1) === minus ? from - 1 : from, to];
}
