import { isObject, type Json, type JsonObject } from "./json.ts";
import type { Path } from "./paths.ts";
import { placesOf, valueAt } from "./places.ts";
import { truth } from "./wire.ts";

/** What the dialects call a box's judgement of a face, and the members that tell of a face. docs/formats.md §2 (b). */
const fiqaResult = "fiqa_result";
const faces = ["box_fiqa_info", "grab_fiqa_info", "info", "recognize_face_attr"];
const places = placesOf([["ext_data", "box_fiqa_info"]], [...faces, fiqaResult]);

interface Fitness {
  /** Whether the face is fit to be registered; undefined where the body does not say. */
  registrable: boolean | undefined;
  /** Paths of values that cannot be read. */
  unreadable: Path[];
}

/**
 * Reads whether a face is fit to be registered, at the places of all dialects. It is unfit if any place says so: a
 * sender that mixes dialects must not get a stranger registered.
 */
export function readFitness(body: JsonObject): Fitness {
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
    const said = isFace ? itemsOf(sent).map((face) => (isObject(face) ? face[fiqaResult] : null) ?? null) : [sent];
    for (const one of said.flatMap(itemsOf)) found.push({ sent: one, path: inner });
  }
  return found;
}

/** A list, as a form makes of a repeated name, is all of its items. */
function itemsOf(sent: Json): Json[] {
  return Array.isArray(sent) ? sent : [sent];
}
