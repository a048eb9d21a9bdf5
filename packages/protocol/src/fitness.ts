import { isObject, type Json, type JsonObject } from "./json.ts";
import type { Path } from "./paths.ts";
import { placesOf, valueAt } from "./places.ts";
import { truth } from "./wire.ts";

/** What the dialects call a box's judgement of a face, and the members that tell of a face. docs/formats.md §2 (b). */
const fiqaResult = "fiqa_result";
const faces = ["box_fiqa_info", "grab_fiqa_info", "info", "recognize_face_attr"];
const places = placesOf([["ext_data", "box_fiqa_info"]], [...faces, fiqaResult]);

interface Fitness {
  /** Whether the face is fit to be registered; undefined where nobody says so. */
  registrable: boolean | undefined;
  /** Paths of what was said and cannot be read. */
  unreadable: Path[];
}

/**
 * Reads whether a face is fit to be registered, in the places of all dialects. Who is not fit by any of them is not: a
 * stranger is not to be registered because a sender mixes dialects.
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

/** All that is said, each with the path to flag. What is within a list has that of the list. */
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
