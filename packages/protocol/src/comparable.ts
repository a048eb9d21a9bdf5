import { isIPv6 } from "node:net";
import { splitEndpoint } from "./device.ts";

/** No blank, no control character such as NUL, and none that is invisible, such as a zero-width space. */
const seen = /[^\s\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

/** Whether a reader can see any of a text: one that has only blanks and invisible characters is no name. */
export function isVisible(text: string): boolean {
  return isPrintable(text.charCodeAt(0)) || seen.test(text);
}

/** Characters that are stripped at each end at most: a text may be as long as a body. */
const maxStripped = 1024;

/**
 * An id or a name as it is compared: without blanks, NUL and invisible characters at its ends. A text that has only
 * these stays as it is. Answers show the text as it was sent.
 *
 * @example comparable("888001\u0000 ") === "888001"
 */
export function comparable(text: string): string {
  if (isPrintable(text.charCodeAt(0)) && isPrintable(text.charCodeAt(text.length - 1))) return text;
  let [start, end] = [0, text.length];
  for (let left = maxStripped; left > 0 && start < end; left--) {
    const character = characterAt(text, start);
    if (seen.test(character)) break;
    start += character.length;
  }
  for (let left = maxStripped; left > 0 && start < end; left--) {
    const isPair = end - start > 1 && characterAt(text, end - 2).length === 2;
    const character = characterAt(text, isPair ? end - 2 : end - 1);
    if (seen.test(character)) break;
    end -= character.length;
  }
  return start < end ? text.slice(start, end) : text;
}

/** Whether a unit is a character of ASCII that can be seen: the ends of nearly every id. */
function isPrintable(unit: number): boolean {
  return unit > 0x20 && unit < 0x7f;
}

function characterAt(text: string, at: number): string {
  return String.fromCodePoint(Number(text.codePointAt(at)));
}

const ipv4 = /^(?:::ffff:)?(\d{1,9})\.(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/i;
/** IPv4 in its shortest form, as nearly every address is. */
const shortestIpv4 = /^(?:(?:[1-9]?\d|1\d\d|2[0-4]\d|25[0-5])(?:\.(?!$)|$)){4}$/;
const maxAddressLength = 64;

/**
 * The address of a device as it is compared: IPv4 without zeros in front, IPv6 in its shortest form. Any other text
 * loses its ends as an id does.
 *
 * @example comparableAddress("001.2.3.4 ") === "1.2.3.4"
 */
export function comparableAddress(sent: string): string {
  if (shortestIpv4.test(sent)) return sent;
  const text = comparable(sent);
  if (text.length > maxAddressLength) return text;
  const bytes = ipv4.exec(text)?.slice(1).map(Number);
  if (bytes !== undefined) return bytes.every((byte) => byte < 256) ? bytes.join(".") : text;
  const [address = "", zone] = text.replace(/^\[(.*)\]$/, "$1").split("%");
  if (!isIPv6(address)) return text;
  const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1);
  return zone === undefined ? shortest : `${shortest}%${zone}`;
}

/** `ep_id` as it is compared. */
export function comparableEndpoint(sent: string): string {
  const text = comparable(sent);
  const { serial, address } = splitEndpoint(text);
  return address === "" ? text : `${serial}__${comparableAddress(address)}`;
}
