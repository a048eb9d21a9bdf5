import type { Json, JsonObject } from "@gatepost/protocol";
import { type KeyForm, keyFormsIn, pictureStart } from "./key-forms.ts";

/** The text with every key masked. A key without escapes stays as long as it was. */
export function masked(text: string): string {
  return maskForms(text, keyFormsIn(text));
}

/** One star for each character of a key, however it was written: so the text reads the same once it is decoded. */
function maskForms(text: string, forms: readonly KeyForm[]): string {
  if (forms.length === 0) return text;
  const pieces: string[] = [];
  let done = 0;
  for (const { from, to, key } of forms) {
    pieces.push(text.slice(done, from), "*".repeat(key.length));
    done = to;
  }
  return pieces.join("") + text.slice(done);
}

/** What masking did. */
export interface Masking {
  /** The value without its keys. */
  value: Json;
  /** How many keys were masked. */
  count: number;
  /** What has the form of a key and is part of a picture, which stays as it is. */
  spared: Set<string>;
}

const notBase64 = /[^A-Za-z0-9+/_=\s-]/;

function isPicture(text: string): boolean {
  const start = pictureStart.exec(text.slice(0, 200))?.[0];
  return start !== undefined && !notBase64.test(text.slice(start.length));
}

function maskText(text: string, masking: Masking): string {
  const forms = keyFormsIn(text);
  if (forms.length === 0) return text;
  if (isPicture(text)) {
    for (const { key } of forms) masking.spared.add(key);
    return text;
  }
  masking.count += forms.length;
  return maskForms(text, forms);
}

/** Masks every key in a value, names of members included, and changes the value itself. */
export function maskValue(root: Json): Masking {
  const masking: Masking = { value: root, count: 0, spared: new Set() };
  const open: (Json[] | JsonObject)[] = [];
  const visit = (child: Json): Json => {
    if (typeof child === "string") return maskText(child, masking);
    if (typeof child === "object" && child !== null) open.push(child);
    return child;
  };
  masking.value = visit(root);
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    if (Array.isArray(branch)) visitList(branch, visit);
    else visitObject(branch, visit, (name) => maskText(name, masking));
  }
  return masking;
}

function visitList(list: Json[], visit: (child: Json) => Json): void {
  for (const [index, child] of list.entries()) {
    const kept = visit(child);
    if (kept !== child) list[index] = kept;
  }
}

function visitObject(object: JsonObject, visit: (child: Json) => Json, maskName: (name: string) => string): void {
  let isNamed = false;
  for (const [name, child] of Object.entries(object)) {
    const kept = visit(child);
    if (kept !== child) define(object, name, kept);
    isNamed ||= keyFormsIn(name).length > 0;
  }
  if (!isNamed) return;
  // All members are put in anew, so that they keep their order.
  for (const [name, child] of Object.entries(object)) {
    delete object[name];
    define(object, maskName(name), child);
  }
}

/** A member may be called `__proto__`. */
function define(object: JsonObject, name: string, value: Json): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/**
 * Masks every key in bytes of which each character of a key is one byte, and says how many there were. What was spared
 * before, and what belongs to a word that is a picture, stays.
 */
export function maskBytes(bytes: Buffer, spared: ReadonlySet<string> = new Set()): { bytes: Buffer; count: number } {
  const text = bytes.toString("latin1");
  let done = 0;
  const forms = keyFormsIn(text).filter(({ key, from, to }) => {
    const isKey = !spared.has(key) && !isPicture(wordAround(text, { from, done }));
    done = to;
    return isKey;
  });
  const { length: count } = forms;
  return count === 0 ? { bytes, count } : { bytes: Buffer.from(maskForms(text, forms), "latin1"), count };
}

/** The beginning of the word that a key's form is in, but nothing before `done`. */
function wordAround(text: string, { from, done }: { from: number; done: number }): string {
  let start = from;
  while (start > done && isOfWord[text.charCodeAt(start - 1)] === true) start -= 1;
  return text.slice(start, start + 16);
}

const isOfWord = Array.from({ length: 128 }, (_, code) => /[\w-]/.test(String.fromCharCode(code)));
