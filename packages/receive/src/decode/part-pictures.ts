import { pictureNames } from "@gatepost/protocol";
import type { PartField } from "./form.ts";

/** How the base64 of JPEG and PNG begins. */
const ofPictures = ["/9j/", "iVBORw0KGgo"];

/** Whether a text is the base64 of a picture, by its beginning. */
export function isPicture(text: string): boolean {
  return ofPictures.some((beginning) => text.startsWith(beginning));
}

/** Whether the bytes of a part are no text, as far as can be known: a picture, or any other file. */
export function isFile([, text, isGuess, { fileName, isBinary }]: PartField): boolean {
  return isBinary || isPicture(text) || (isGuess && fileName !== "");
}

const names = Object.values(pictureNames).flat();

/** A text that may name a part, also within JSON in a text: `cid:` and its name, or its name as a picture of a report. */
const reference = new RegExp(
  `(\\b(?:${names.join("|")})\\\\{0,7}["']\\s{0,9}:\\s{0,9}\\\\{0,7}["'])(?:cid:)?([^"'\\\\]{1,200})(?=["'\\\\])|(?<=["'])cid:([^"'\\\\]{1,200})(?=["'\\\\])`,
  "gi",
);

/** How many times the characters of a form its pictures may have in the places that name them. */
const maxGrowth = 4;

/**
 * Puts the pictures of a form in the places in other parts that name them by their Content-ID, or by the name of the part
 * or its file. Leaves out the parts of these pictures.
 */
export function withPictures(fields: readonly PartField[]): PartField[] {
  const pictures = new Map<string, PartField | null>();
  for (const field of fields) {
    // A name that two parts have says nothing.
    for (const name of isPicture(field[1]) ? namesOf(field) : []) pictures.set(name, pictures.has(name) ? null : field);
  }
  if (pictures.size === 0) return [...fields];
  const placed = new Set<PartField>();
  let room = maxGrowth * fields.reduce((sum, [, text]) => sum + text.length, 0);
  const pictureOf = (name: string): string | null => {
    const field = pictures.get(name) ?? null;
    if (field === null || field[1].length > room) return null;
    room -= field[1].length;
    placed.add(field);
    return field[1];
  };
  const filled = (text: string, name: string): string => {
    const ofMember = names.some((one) => name.endsWith(one) || name.endsWith(`${one}]`));
    const id = /^(?:cid:)?(.{1,200})$/i.exec(text)?.[1] ?? "";
    if (id !== "" && (ofMember || id !== text)) return pictureOf(id) ?? text;
    return text.replaceAll(reference, (all, before = "", id = "", cid = "") => {
      const picture = pictureOf(id || cid);
      return picture === null ? all : before + picture;
    });
  };
  const read = fields.map((field): [PartField, PartField] => {
    const [name, text, ...others] = field;
    return [field, isPicture(text) ? field : [name, filled(text, name), ...others]];
  });
  return read.flatMap(([field, one]) => (placed.has(field) ? [] : [one]));
}

/** The names by which other parts may name a part. */
function namesOf([name, , , { fileName, id }]: PartField): Set<string> {
  return new Set([name, fileName, id, encodeURIComponent(id)].filter((one) => one !== ""));
}
