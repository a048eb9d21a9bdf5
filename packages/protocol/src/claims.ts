import type * as z from "zod/mini";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { type Path, placesOf, valueAt } from "./paths.ts";
import { type PersonType, personType } from "./person.ts";
import { text, truth, word } from "./wire.ts";

/** The names of the person's type in the dialects. docs/formats.md §6. */
export const personTypeNames: readonly string[] = ["person_type", "user_type", "userType"];
const wantActionNames = ["want_action", "post_action"];

/** Facts that act on a door or a list of people, and are therefore read under the names of all dialects. */
export interface Claims {
  wantAction: string | undefined;
  personType: PersonType | undefined;
  /** Whether the face is fit to be registered. */
  registrable: boolean | undefined;
}

/** The paths at which a dialect states action and person. */
export type ClaimedAt = Partial<Record<"wantAction" | "personType", Path>>;

type Places = Record<keyof ClaimedAt, readonly Path[]>;

interface FoundClaims {
  claims: Claims;
  /** Paths of values that are used, or that are empty: no part of `extra`. */
  taken: Path[];
  /** Paths of contradicting values, or values of no known type, which stay in `extra`. */
  left: Path[];
  /** Paths of values whose type cannot be read. */
  unreadable: Path[];
}

/** All paths at which a body may state it. `own` are the paths of its dialect, if they are not at the root. */
export function claimPlaces(own: ClaimedAt): Places {
  const places = (path: Path | undefined, names: readonly string[]) => placesOf(path ? [path] : [], names);
  return {
    wantAction: places(own.wantAction, wantActionNames),
    personType: places(own.personType, personTypeNames),
  };
}

/** Reads the wanted action and the type of the person, of several values the first that can be read, and the face's fitness. */
export function readClaims(body: JsonObject, places: Places): FoundClaims {
  const action = firstText(body, places.wantAction, word());
  const sent = firstText(body, places.personType, text());
  const type = sent.value === undefined ? undefined : personType(sent.value);
  const fitness = readFitness(body);
  const unknown = type === "unknown" ? sent.taken.splice(0) : [];
  return {
    claims: { wantAction: action.value, personType: type, registrable: fitness.registrable },
    taken: [...action.taken, ...sent.taken],
    left: [...action.left, ...unknown, ...sent.left],
    unreadable: [...action.unreadable, ...sent.unreadable, ...fitness.unreadable],
  };
}

type FirstText = { value: string | undefined } & Pick<FoundClaims, "taken" | "left" | "unreadable">;

function firstText(body: JsonObject, places: readonly Path[], kind: z.ZodMiniType<string | undefined>): FirstText {
  const found: FirstText = { value: undefined, taken: [], left: [], unreadable: [] };
  for (const path of places) {
    const sent = valueAt(body, path);
    if (sent === undefined) continue;
    const read = kind.safeParse(sent);
    if (!read.success) found.unreadable.push(path);
    else if (read.data === undefined) found.taken.push(path);
    else if (found.value === undefined) {
      found.value = read.data;
      found.taken.push(path);
    } else found.left.push(path);
  }
  return found;
}

const unreadable = "field-unreadable:";

/** The flag of an event with an unreadable field. */
export function unreadableFlag(path: readonly (string | number)[]): string {
  return `${unreadable}${path.join(".")}`;
}

/** Whether flags say that a type of a person was sent that cannot be read. */
export function isTypeUnreadable(flags: readonly string[] = []): boolean {
  const ofType = (flag: string) =>
    personTypeNames.some((name) => flag.endsWith(`:${name}`) || flag.endsWith(`.${name}`));
  return flags.some((flag) => flag.startsWith(unreadable) && ofType(flag));
}

/**
 * The dialects' names for a box's judgement of a face, and the members that describe a face. docs/formats.md §2 (b).
 */
const fiqaResult = "fiqa_result";
const faces = ["box_fiqa_info", "grab_fiqa_info", "info", "recognize_face_attr"];
const places = placesOf([["ext_data", "box_fiqa_info"]], [...faces, fiqaResult]);

interface Fitness {
  /** Whether the face is fit to be registered; undefined if the body does not say. */
  registrable: boolean | undefined;
  /** Paths of values that cannot be read. */
  unreadable: Path[];
}

/**
 * Reads whether a face is fit to be registered, at the places of all dialects. It is unfit if any place reports it
 * unfit: a sender that mixes dialects must not get a stranger registered.
 */
function readFitness(body: JsonObject): Fitness {
  const answers: boolean[] = [];
  const unreadable: Path[] = [];
  for (const { sent, path } of judgements(body)) {
    const read = truth(sent);
    if (read === null) unreadable.push(path);
    else if (read !== undefined) answers.push(read);
  }
  return { registrable: answers.includes(false) ? false : answers[0], unreadable };
}

/** All judgements, each with the path to flag. A value in a list has the path of the list. */
function judgements(body: JsonObject): { sent: Json; path: Path }[] {
  const found: { sent: Json; path: Path }[] = [];
  for (const path of places) {
    const sent = valueAt(body, path);
    if (sent === undefined) continue;
    const isFace = path.at(-1) !== fiqaResult;
    const inner = Array.isArray(sent) || !isFace ? path : [...path, fiqaResult];
    const values = isFace ? itemsOf(sent).map((face) => (isObject(face) ? face[fiqaResult] : null) ?? null) : [sent];
    for (const item of values.flatMap(itemsOf)) found.push({ sent: item, path: inner });
  }
  return found;
}

/** A list, as a form makes of a repeated name, is all of its items. */
function itemsOf(sent: Json): Json[] {
  return Array.isArray(sent) ? sent : [sent];
}
