// The small build of zod: what takes reports must start fast, and needs nothing else of it.
import * as z from "zod/mini";
import { isObject, type JsonObject } from "./json.ts";
import { getPath, omitPath, type Path, set, setPath } from "./paths.ts";
import type { PictureKind } from "./picture.ts";
import type { DialectName, Facts, ReportKind } from "./report.ts";

/** What a dialect's translation gives: facts, and the pictures as they were sent. */
export interface Translation {
  facts: Facts;
  /** Paths of members whose value no fact can hold, as a person type of 9: they stay in `extra` as they were sent. */
  keep: Path[];
  pictures: Partial<Record<PictureKind, unknown>>;
}

export interface Reading extends Omit<Translation, "keep"> {
  /** Members that the schema does not name, and values it could not read, in their places. */
  extra: JsonObject;
  /** Paths of the members whose value was of no type that the field can have, as `ext_data.score`. */
  unreadable: string[];
}

/** Paths of when the face passed, came into view and left it. */
export type TimesAt = { readonly time: Path; readonly enteredAt?: Path; readonly leftAt?: Path };

/**
 * A wire format: a sign to know it by, a schema that keeps unknown fields, and a translation. docs/formats.md §2, §6.
 */
export interface Dialect {
  readonly name: DialectName;
  readonly kind: ReportKind;
  /** Where the times of its facts are sent. */
  readonly timesAt: TimesAt;
  /** Where feature vectors are: biometric data, dropped unless the deployment keeps them. */
  readonly featuresAt: readonly Path[];
  /** What is noted at every event that it reads. */
  readonly flags: readonly string[];
  /** `route` is the last part of the path it was posted to; it may only decide between dialects of one shape. */
  looksLike(body: JsonObject, route: string): boolean;
  read(body: JsonObject): Reading;
}

export function dialect<Shape extends z.core.$ZodShape>(definition: {
  name: DialectName;
  kind: ReportKind;
  timesAt: TimesAt;
  featuresAt?: readonly Path[];
  flags?: readonly string[];
  looksLike(body: JsonObject, route: string): boolean;
  schema: z.ZodMiniObject<Shape, z.core.$loose>;
  read(body: z.output<z.ZodMiniObject<Shape, z.core.$loose>>): Translation;
}): Dialect {
  const { name, kind, timesAt, featuresAt = [], flags = [], looksLike, schema } = definition;
  return {
    name,
    kind,
    timesAt,
    featuresAt,
    flags,
    looksLike,
    read(body) {
      const first = schema.safeParse(body);
      const unreadable = first.success ? [] : memberPaths(first.error.issues);
      const { facts, pictures, keep } = definition.read(
        first.success ? first.data : schema.parse(withoutPaths(body, unreadable)),
      );
      const extra = unnamed(schema, body);
      for (const path of [...unreadable, ...keep]) setPath(extra, path, getPath(body, path));
      return { facts, pictures, extra, unreadable: unreadable.map((path) => path.join(".")) };
    },
  };
}

/** The members of `body` that `schema` does not name, each in the place where it was sent. */
function unnamed(schema: z.ZodMiniObject, body: JsonObject): JsonObject {
  const rest: JsonObject = {};
  for (const [key, value] of Object.entries(body)) {
    const field = Object.hasOwn(schema.shape, key) ? withoutWrappers(schema.shape[key]) : undefined;
    if (field === undefined) set(rest, key, value);
    else if (field instanceof z.ZodMiniObject && isObject(value)) {
      const inner = unnamed(field, value);
      if (Object.keys(inner).length > 0) set(rest, key, inner);
    }
  }
  return rest;
}

function withoutWrappers(schema: unknown): unknown {
  const isWrapper = schema instanceof z.ZodMiniOptional || schema instanceof z.ZodMiniNullable;
  return isWrapper ? withoutWrappers(schema.def.innerType) : schema;
}

/** The members that issues are about, an element of a list standing for the whole list. */
function memberPaths(issues: readonly z.core.$ZodIssue[]): Path[] {
  const paths = new Map<string, Path>();
  for (const { path } of issues) {
    const keys = path.filter((key) => typeof key === "string");
    paths.set(keys.join("."), keys);
  }
  return [...paths.values()];
}

function withoutPaths(body: JsonObject, paths: Path[]): JsonObject {
  return paths.reduce((kept, path) => omitPath(kept, path), body);
}
