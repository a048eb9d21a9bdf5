import { type Change, type Item, ItemTooLarge, indexes, type Value } from "./port.ts";

/** Most bytes of an item: names and values. DynamoDB's limit is 400 KB; the rest is for what a driver adds. */
export const maxItemBytes = 400 * 1024 - 512;

/** Most bytes of a key, a list's name, and a place in a list. */
const maxKeyBytes = 1024;

const keyAttributes = new Set<string>(["pk", "at", ...indexes]);

/** The item after a change. It must have passed `checkChange`. */
export function changed({ pk, set, setIfAbsent, add = {}, remove = [] }: Change, before: Item | null): Item {
  const after: Item = { ...setIfAbsent, ...before, ...set, pk };
  for (const [name, by] of Object.entries(add)) after[name] = numberOr0(before?.[name]) + by;
  for (const name of remove) delete after[name];
  if (sizeOfItem(after) > maxItemBytes) throw new ItemTooLarge(pk);
  return after;
}

/** An unreadable value stays unreadable. */
function numberOr0(value: Value | undefined): number {
  if (value === undefined) return 0;
  return typeof value === "number" ? value : Number.NaN;
}

/**
 * Throws RangeError if a change names an attribute twice, or has a value that not every driver keeps: a number that is
 * not finite, a text with half a character, a key that is empty or longer than 1,024 bytes, a `ttl` that is not whole.
 */
export function checkChange({ pk, set = {}, setIfAbsent = {}, add = {}, remove = [] }: Change): void {
  checkKey("pk", pk);
  const given = { ...set, ...setIfAbsent, ...add };
  const names = [set, setIfAbsent, add].flatMap((part) => Object.keys(part)).concat(remove);
  const twice = names.find((name, at) => name === "pk" || names.indexOf(name) !== at);
  if (twice !== undefined) throw new RangeError(`attribute ${twice} of item ${pk} is named twice`);
  for (const [name, value] of Object.entries(given)) checkValue(name, value);
}

function checkValue(name: string, value: Value): void {
  if (typeof value === "number" ? !Number.isFinite(value) : !value.isWellFormed())
    throw new RangeError(`attribute ${name} cannot be stored: ${JSON.stringify(value)}`);
  if (keyAttributes.has(name)) checkKey(name, value);
  if (isListName(name) && /#\d+$/.test(String(value))) throw new RangeError(`${name} cannot end with # and a number`);
  if (name === "ttl" && !Number.isSafeInteger(value)) throw new RangeError(`ttl must be whole seconds, not ${value}`);
}

function isListName(name: string): boolean {
  return indexes.some((index) => index === name);
}

function checkKey(name: string, value: Value): void {
  const isKey = typeof value === "string" && value !== "" && Buffer.byteLength(value) <= maxKeyBytes;
  if (!isKey || !value.isWellFormed()) throw new RangeError(`${name} must be a text of 1 to ${maxKeyBytes} bytes`);
}

/** About the bytes of an item, as DynamoDB counts them. */
export function sizeOfItem(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item))
    bytes += Buffer.byteLength(name) + (typeof value === "string" ? Buffer.byteLength(value) : 21);
  return bytes;
}

/**
 * Whether an item has expired at `now` (ms). An item whose `ttl` is unreadable has not, so that its schema can name the
 * fault.
 */
export function isExpired(item: Item, now: number): boolean {
  const { ttl } = item;
  return typeof ttl === "number" && ttl * 1000 <= now;
}

/** The `ttl` of an item that expires at `time` (ms). It is rounded up, so the item never expires early. */
export function ttlAt(time: number): number {
  return Math.ceil(time / 1000);
}
