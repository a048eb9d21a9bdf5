import { PatternError } from "./error.ts";
import type { Scalar } from "./json.ts";
import type { Test } from "./test.ts";
import { textOf } from "./text.ts";

const mapped = /^0{20}FFFF/;

/** Addresses of a block: `10.0.0.0/8`, `2001:db8::/32`. */
export function cidr(value: unknown, at: string): Test {
  const [, address = "", mask = ""] = /^([^/]*)\/([+-]?\d+)\/*$/.exec(textOf(value, at)) ?? [];
  const digits = digitsOf(address);
  if (digits === undefined) throw new PatternError(at, "write an address block like 10.0.0.0/8 or 2001:db8::/32");
  const bits = digits.length * 4;
  const fixed = Number(mask);
  if (fixed < 0 || fixed >= bits) {
    throw new PatternError(at, `the number after / must be 0 to ${bits - 1}; one address is written as a plain text`);
  }
  const free = (1n << BigInt(bits - fixed)) - 1n;
  const bottom = BigInt(`0x${digits}`) & ~free;
  return within(hex(bottom, digits.length), hex(bottom | free, digits.length));
}

/** The one address a text spells, however it is spelt; undefined when it spells none. */
export function sameAddress(text: string): Test | undefined {
  const digits = digitsOf(text);
  return digits === undefined ? undefined : within(digits, digits);
}

/**
 * The engine orders hexadecimal digits as text and never looks past the last digit of a bound. So an IPv4 block also
 * takes the IPv6 addresses that begin with its digits, and the numbers written with them.
 */
function within(bottom: string, top: string): Test {
  return (value) => {
    const digits = digitsToCompare(value);
    let isAtBottom = true;
    let isAtTop = true;
    for (let index = 0; index < bottom.length; index += 1) {
      const [digit = "", low = "", high = ""] = [digits[index], bottom[index], top[index]];
      const isOutside = (isAtBottom && digit < low) || (isAtTop && digit > high);
      if (isOutside || !/^[0-9A-F]$/.test(digit)) return false;
      isAtBottom &&= digit === low;
      isAtTop &&= digit === high;
      if (!isAtBottom && !isAtTop) return true;
    }
    return true;
  };
}

function digitsToCompare(value: Scalar): string {
  if (typeof value === "string") return digitsOf(value) ?? "";
  return typeof value === "number" ? String(value) : "";
}

/** 8 hexadecimal digits of an IPv4 address, 32 of an IPv6 one; an IPv4 address mapped into IPv6 is an IPv4 address. */
function digitsOf(address: string): string | undefined {
  if (!address.includes(":")) return digitsOfFour(address);
  const digits = digitsOfSix(address);
  return digits !== undefined && mapped.test(digits) ? digits.slice(24) : digits;
}

function digitsOfFour(address: string): string | undefined {
  const octets = address.split(".");
  const isAddress = octets.length === 4 && address.length <= 15 && octets.every((octet) => /^\d+$/.test(octet));
  if (!isAddress || octets.some((octet) => Number(octet) > 255)) return undefined;
  return octets.map((octet) => hex(BigInt(octet), 2)).join("");
}

function digitsOfSix(address: string): string | undefined {
  const sides = address.split("::");
  const [left = [], right = []] = sides.map((side) => (side === "" ? [] : side.split(":")));
  const missing = 8 - left.length - right.length;
  const isComplete = sides.length === 1 ? missing === 0 : sides.length === 2 && missing > 0;
  const groups = [...left, ...right];
  if (!isComplete || !groups.every((group) => /^0*[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const all = [...left, ...Array<string>(missing).fill("0"), ...right];
  return all.map((group) => hex(BigInt(`0x${group}`), 4)).join("");
}

function hex(value: bigint, length: number): string {
  return value.toString(16).toUpperCase().padStart(length, "0");
}
