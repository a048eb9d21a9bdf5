import * as z from "zod/mini";
import { comparable } from "./comparable.ts";
import { milliseconds } from "./instant.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { once } from "./once.ts";

/*
 * The kinds of field that boxes send. Every field may be missing or null, texts may be sent as numbers and numbers as
 * texts (docs/formats.md §5.6); an empty text says nothing. Each schema is made once, when a dialect first asks for it.
 */

/** Whether a field was left out, or sent without a value. */
export function saysNothing(sent: unknown): sent is null | undefined | "" {
  return sent === null || sent === undefined || sent === "";
}

/**
 * A text; numbers and booleans become their text, "" becomes undefined. Half of a surrogate pair becomes U+FFFD, as in
 * every URL and in SQLite: otherwise no one could query the person with that id, and an erased person would be stored
 * again.
 */
export const text = once(() =>
  z.pipe(
    z.nullish(z.union([z.string(), z.number(), z.boolean()])),
    z.transform((sent) => (saysNothing(sent) ? undefined : String(sent).toWellFormed())),
  ),
);

/**
 * The id of a person without control characters: they are dropped at its ends and become U+FFFD within it, so that two
 * ids stay two. "" for an id of nothing else.
 */
export function idIn(sent: string): string {
  if (!/\p{Cc}/u.test(sent)) return sent;
  const id = comparable(sent);
  return /^[\s\p{Cc}]*$/u.test(id) ? "" : id.replaceAll(/\p{Cc}/gu, "\ufffd");
}

/** The id of a person. */
export const personId = once(() =>
  z.pipe(
    text(),
    z.transform((sent = "") => idIn(sent) || undefined),
  ),
);

/**
 * A text without the white space around it, for values from a fixed list of words. White space alone counts as empty.
 */
export const word = once(() =>
  z.pipe(
    text(),
    z.transform((sent) => sent?.trim() || undefined),
  ),
);

// Written so that no digit can be matched in two ways: else a long text of digits would take its length squared.
const numeral = /^\s*[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?\s*$/i;
/** Characters of a text that can be a number; the expression is not to run over more. */
const maxNumeralLength = 1000;
const isNumeral = (sent: string) =>
  sent.length <= maxNumeralLength && numeral.test(sent) && Number.isFinite(Number(sent));

/** A finite number, also sent as text. */
export const number = once(() =>
  z.pipe(
    z.nullish(z.union([z.number(), z.string().check(z.refine(isNumeral)), z.literal("")])),
    z.transform((sent) => (saysNothing(sent) ? undefined : Number(sent))),
  ),
);

const yesOrNo = /^(?:(true|yes|t|y|1(?:\.0{0,9})?)|(?:false|no|f|n|0(?:\.0{0,9})?))?$/i;

/**
 * Reads a yes or no: boolean, 0 or 1, or a word for one of them in any case, also with white space around it. Undefined
 * for an empty value, null if it cannot be read. It is no schema, because a list may have thousands of them, and an
 * issue is dear.
 */
export function truth(sent: Json | undefined): boolean | null | undefined {
  if (typeof sent === "boolean") return sent;
  if (sent === 0 || sent === 1) return sent === 1;
  if (saysNothing(sent)) return undefined;
  if (typeof sent !== "string") return null;
  const read = yesOrNo.exec(sent.trim());
  if (read === null) return null;
  return read[0] === "" ? undefined : read[1] !== undefined;
}

/**
 * A time, in ms; undefined if it cannot be read, which is never an error: the passing then gets its time of receipt.
 */
export const moment = once(() =>
  z.pipe(
    z.optional(z.unknown()),
    z.transform((sent) => milliseconds(sent) ?? undefined),
  ),
);

/** A free-form object, kept as it was received. */
export const dict = once(() => z.nullish(z.custom<JsonObject>(isObject)));

/** A member that is named so that it does not become part of `extra`, as a picture, which decodePicture judges. */
export const unread = once(() => z.optional(z.unknown()));

/** A list of numbers, as of a face box. */
export const numbers = once(() => z.nullish(z.array(z.number())));

/** An object whose named members are read and whose others are kept. */
export function nested<Shape extends z.core.$ZodShape>(shape: Shape) {
  return z.nullish(z.looseObject(shape));
}
