// The small build of zod: functions that take reports must start fast, and need no more of it.
import * as z from "zod/mini";
import { type ReportKind, reportKinds } from "../facts.ts";
import { type Json, type JsonObject, jsonIn } from "../json.ts";
import { documentedLayout, layouts } from "../layouts.ts";
import { once } from "../once.ts";
import { personTypes } from "../person.ts";
import { pictureKinds } from "../picture.ts";
import type { MappingId } from "../recognise.ts";
import { isPath } from "../steps.ts";
import { signKinds } from "../terminal.ts";

/** Limits of one mapping. */
export const mappingLimits = {
  nameCharacters: 80,
  /** Bytes of JSON. */
  bytes: 16 * 1024,
  conditions: 16,
  signs: 8,
  /** Rows of a table of values, and characters of each text in it. */
  values: 100,
  valueCharacters: 200,
  /** Paths of one field or picture: the first that has a value counts. */
  paths: 4,
  /** Levels of a topic. */
  levels: 32,
  /** Bytes of an answer. */
  answerBytes: 1024,
} as const;

/** The facts that are texts as they are sent. */
const textFields = [
  "reason",
  "method",
  "card",
  "serial",
  "device.id",
  "device.ip",
  "device.name",
  "device.endpoint",
  "person.id",
  "person.name",
  "person.group",
  "wantAction",
  "attributes.age",
  "attributes.gender",
  "attributes.glasses",
  "attributes.mask",
] as const;
/** The facts that are one of a few words, and these words. */
export const wordFields = {
  result: ["granted", "denied"],
  "device.direction": ["in", "out"],
  "person.type": personTypes,
} as const;
export const timeFields = ["time", "enteredAt", "leftAt"] as const;

const sentence = (error: string) => ({ error });

const members = once(() => {
  const path = z
    .string(sentence("must be a path, as record.personCode"))
    .check(
      z.refine(isPath, sentence('must be a path as record.items[0]["a.b"], of at most 16 names and 200 characters')),
    );
  const { paths, values, valueCharacters, conditions, levels } = mappingLimits;
  const anyOf = z.union([path, z.array(path).check(z.minLength(1), z.maxLength(paths))], {
    error: (issue) =>
      Array.isArray(issue.input) && issue.input.length > paths
        ? `may have ${paths} paths`
        : 'must be a path as record.items[0]["a.b"], of at most 16 names and 200 characters, or a list of up to four',
  });
  anyOf.register(z.globalRegistry, { id: "MappingPaths" });
  const within = sentence(`must be 0 to ${levels - 1}, a level of the topic or path`);
  const level = z.strictObject({ topic: z.int(within).check(z.gte(0, within), z.lt(levels, within)) });
  const text = z.string().check(z.maxLength(valueCharacters));
  const scalar = z.union([text, z.number(), z.boolean()], sentence("must be a text, a number, true or false"));
  const condition = z.strictObject({
    has: z._default(z.array(path).check(z.maxLength(conditions)), []),
    is: z._default(few(z.record(path, scalar), conditions), {}),
  });
  const translated = <Word extends z.ZodMiniType<string>>(word: Word) =>
    z.strictObject({
      at: z.union(
        [anyOf, level],
        sentence(
          'must be a path as record.items[0]["a.b"], a list of up to four, or a level of the topic as { "topic": 1 }',
        ),
      ),
      values: z.exactOptional(few(z.record(text, word), values)),
      else: z.exactOptional(word),
    });
  const textField = translated(text).register(z.globalRegistry, { id: "MappingField" });
  const layout = z.enum(["auto", ...layouts]).register(z.globalRegistry, documentedLayout());
  const time = z
    .strictObject({
      at: anyOf,
      as: z._default(layout, "auto"),
      zone: z.exactOptional(
        z.string().check(z.refine(isZone, sentence("must be a time zone as Europe/Berlin or Asia/Shanghai"))),
      ),
    })
    .register(z.globalRegistry, { id: "MappingTime" });
  const number = z.strictObject({ at: anyOf });
  const score = z.strictObject({
    at: anyOf,
    of: z.exactOptional(z.number().check(z.positive(sentence("must be the highest score, as 1 or 100")))),
  });
  const fields = z
    .strictObject({
      ...optionals(timeFields, time),
      ...optionals(textFields, textField),
      result: z.exactOptional(translated(z.enum(wordFields.result))),
      "device.direction": z.exactOptional(translated(z.enum(wordFields["device.direction"]))),
      "person.type": z.exactOptional(translated(z.enum(wordFields["person.type"]))),
      score: z.exactOptional(score),
      "attributes.temperature": z.exactOptional(number),
    })
    .register(z.globalRegistry, { id: "MappingFields" });
  const telling = condition
    .check(
      z.refine(
        ({ has, is }) => Object.keys(is).length > 0 || has.length > 1,
        sentence("must have at least one `is`, or two `has`"),
      ),
    )
    .register(z.globalRegistry, { id: "MappingCondition" });
  const pictures = z.strictObject(optionals(pictureKinds, anyOf)).register(z.globalRegistry, { id: "MappingPictures" });
  const answer = z
    .strictObject({
      status: z._default(z.int().check(z.gte(200), z.lte(299)), 200),
      body: z
        .custom<Json>((body) => body !== undefined)
        .check(
          z.refine(
            (body) => Buffer.byteLength(JSON.stringify(body)) <= mappingLimits.answerBytes,
            sentence(`may have ${mappingLimits.answerBytes} bytes`),
          ),
          z.refine(
            (body) => referencesIn(body).every(({ path }) => isPath(path)),
            sentence("has an `at` that is no path"),
          ),
        ),
    })
    .register(z.globalRegistry, { id: "MappingAnswer" });
  const sign = z
    .strictObject({ when: telling, sign: z.enum(signKinds) })
    .register(z.globalRegistry, { id: "MappingSign" });
  const some = {
    name: z.string().check(z.trim(), z.minLength(1), z.maxLength(mappingLimits.nameCharacters)),
    box: z._default(z.nullable(z.string()), null),
    isOn: z._default(z.boolean(), true),
    each: z.exactOptional(path),
    when: telling,
    kind: z._default(z.enum(reportKinds), "history" satisfies ReportKind),
    fields,
    pictures: z._default(pictures, {}),
    signs: z._default(z.array(sign).check(z.maxLength(mappingLimits.signs)), []),
    answer: z.exactOptional(answer),
  };
  return some;
});

const small = <Schema extends z.ZodMiniType>(schema: Schema) =>
  schema.check(
    z.refine(
      (mapping) => Buffer.byteLength(JSON.stringify(mapping)) <= mappingLimits.bytes,
      sentence(`the mapping may have ${mappingLimits.bytes / 1024} KB as JSON`),
    ),
  );

/** The schema of a mapping, as an administrator writes it: every fault names its member. */
export const mappingSchema = once(() =>
  small(z.strictObject(members())).register(z.globalRegistry, { id: "ReportMapping" }),
);

/** The same of a mapping that was read before and is changed: with its revision, and members that are not stored. */
export const changedMappingSchema = once(() => {
  const told = z.exactOptional(z.unknown());
  return small(
    z.strictObject({ ...members(), id: told, rev: z.int(), today: told, lastAt: told, isExact: told }),
  ).register(z.globalRegistry, { id: "MappingChange" });
});

/** How the reports of one unknown format are read: which values are which facts. docs/mappings.md. */
export type MappingDraft = z.output<ReturnType<typeof mappingSchema>>;
export type Mapping = MappingDraft & { id: MappingId };

/** A mapping of a stored text; null if it is none. */
export function mappingIn(id: MappingId, stored: string): Mapping | null {
  const read = mappingSchema().safeParse(jsonIn(stored));
  return read.success ? { ...read.data, id } : null;
}

/** The path of a value in an answer: in the report, or in the body with the report in its list. */
interface Reference {
  path: string;
  isOfBody: boolean;
}

/** The references in an answer: `{ "at": path }` is replaced by the value there. */
function referencesIn(body: Json): Reference[] {
  if (typeof body !== "object" || body === null) return [];
  const at = Array.isArray(body) ? null : referenceIn(body);
  return at === null ? Object.values(body).flatMap(referencesIn) : [at];
}

const ofBody = "^.";

/** The reference of an object of an answer that is replaced; null for any other object. `^.seq` is beside the list. */
export function referenceIn({ at, ...others }: JsonObject): Reference | null {
  if (typeof at !== "string" || Object.keys(others).length > 0) return null;
  const isOfBody = at.startsWith(ofBody);
  return { path: isOfBody ? at.slice(ofBody.length) : at, isOfBody };
}

function optionals<Name extends string, Schema extends z.ZodMiniType>(names: readonly Name[], schema: Schema) {
  const optional = z.exactOptional(schema);
  return Object.fromEntries(names.map((name) => [name, optional])) as Record<Name, typeof optional>;
}

/** A table of at most so many rows. */
function few<Schema extends z.ZodMiniRecord>(table: Schema, rows: number) {
  return table.check(z.refine((sent) => Object.keys(sent).length <= rows, sentence(`may have ${rows} rows`)));
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).format(0) !== "";
  } catch {
    return false;
  }
}
