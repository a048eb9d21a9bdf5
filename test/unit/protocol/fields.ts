import { readFileSync } from "node:fs";

/** A field of a table of the reference: where it is, and the type that it is tabled with. */
export interface Field {
  path: string[];
  type: string;
}

const reference = readFileSync(new URL("../../../docs/formats.md", import.meta.url), "utf8");

/** The part of the reference behind a heading that begins so, up to the next one. */
function section(heading: string): string {
  const [, behind = ""] = reference.split(`\n${heading}`, 2);
  return behind.split(/\n##/, 1)[0] ?? "";
}

/** The rows of the tables in a section that list fields, as their cells. */
function rows(text: string): string[][] {
  const tables = text.split(/\n(?!\|)/).filter((table) => /^\|[^|]*\bfield \|/m.test(table));
  return tables.flatMap((table) =>
    table
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.replaceAll("*", "").trim()),
      )
      .filter(([first = ""]) => !/field|^[-:]+$/.test(first)),
  );
}

/** `a, b (as c) / d` as its names; `_x` ends like the name before it. */
function names(text: string): string[] {
  const found: string[] = [];
  for (const item of text.replaceAll(/\([^)]*\)/g, "").split(/[,;]| \/ | or | under /)) {
    const name = /^[\s+{]*([A-Za-z_][\w.]*)/.exec(item)?.[1];
    if (name === undefined) continue;
    found.push(name.startsWith("_") && found.length > 0 ? `${found[0]?.replace(/_[^_]*$/, "")}${name}` : name);
  }
  return found;
}

/** The fields of a table, and of each dict in it the members that its notes list. */
function tabled(heading: string): Field[] {
  return rows(section(heading)).flatMap(([first = "", type = "", ...notes]) =>
    names(first).flatMap((name): Field[] => {
      const path = name.split(".");
      const list = notes.map((note) => names(note.replace(/^.*\bkeys\b/, "").replace(/ — .*/, "")));
      const inner = type === "dict" || type === "" ? (list.find((members) => members.length > 2) ?? []) : [];
      return [{ path, type }, ...inner.map((member) => ({ path: [...path, member], type: "" }))];
    }),
  );
}

/** The members that a sentence lists as `a, b{c, d}`, at `path`. */
function listed(text: string, path: string[] = []): Field[] {
  const fields: Field[] = [];
  const item = /([A-Za-z_]\w*)([^,;{}]*)(?:\{((?:[^{}]|\{[^{}]*\})*)\})?/g;
  for (const [, name = "", note = "", inner] of text.replaceAll("*", "").matchAll(item)) {
    const type =
      inner === undefined ? (/image|photo|pic|face\b/.test(name) && !name.endsWith("_id") ? "base64" : note) : "dict";
    fields.push({ path: [...path, name], type });
    if (inner !== undefined) fields.push(...listed(inner, [...path, name]));
  }
  return fields;
}

/** The text between two texts of the reference. */
function between(start: string, end: string): string {
  const [, behind = ""] = reference.split(start, 2);
  return behind.split(end, 1)[0] ?? "";
}

const platformB = listed(between("info given at registration, {} for strangers). Fields: ", ". No want_action"));
const storedV5 = listed(between('→ {"data":[{', '}], "pagination"'));
const wsV6 = names(between("V6 event (flat): ", ". The printed example").replaceAll("both", ""));

/** Every field that the reference has for a dialect. */
export const fieldsOf: Record<string, Field[]> = {
  "se3-realtime": tabled("### (a)"),
  "history-nested": tabled("### (b)"),
  "history-flat": tabled("### (c)"),
  "history-v6": tabled("### (d)"),
  "platform-a": tabled("### (e)"),
  "platform-b": platformB,
  "ws-v5": [...platformB, { path: ["video_id"], type: "" }, { path: ["event_id"], type: "" }],
  "ws-v6": wsV6.map((name) => ({ path: [name], type: name.endsWith("_image") ? "base64" : "" })),
  "stored-v5": storedV5,
  "stored-v6": [
    ...listed(between("Stored V6 events give ", " — so ext_data")),
    ...["recognize_face_image_id", "spot_image_id"].map((name) => ({ path: [name], type: "" })),
  ],
};
