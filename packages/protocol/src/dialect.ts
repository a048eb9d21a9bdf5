import * as z from "zod/mini";
import { type ClaimedAt, type Claims, claimPlaces, readClaims } from "./claims.ts";
import type { Facts, ReportKind } from "./facts.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { LocalTimes } from "./local-time.ts";
import { once } from "./once.ts";
import { distinctPaths, getPath, omitPath, type Path, set, setPath } from "./paths.ts";
import { type PictureKind, picturePlaces, picturesIn, type SentPicture } from "./picture.ts";
import type { Steps } from "./steps.ts";

// The small build of zod: functions that take reports must start fast, and need no more of it.

/** The result of reading a report of a dialect. */
export interface Translation {
  facts: Facts;
  /**
   * Paths of members whose value no fact can hold, such as a device type of 9. They stay in `extra` as they were sent.
   */
  keep: Path[];
  /** The terminal's own name of the passing: reports of one box with equal ones are about the same passing. */
  own?: Json[];
  /** Distinguishes passings with the same own name. */
  variant?: string;
}

export interface ReadReport extends Pick<Translation, "own" | "variant"> {
  facts: Facts;
  pictures: Pick<SentPicture, "kind" | "sent">[];
  /** Members that the schema does not name, and values that it could not read, each at its own path. */
  extra: JsonObject;
  /** Paths of members whose value has a type that the field cannot have, such as `ext_data.score`. */
  unreadable: Steps[];
  /** The paths of its times. */
  timesAt: Partial<Record<keyof TimesAt, Steps>>;
}

/** Paths of the pictures by their kind, the first one before the others. */
export type PicturesAt = Partial<Record<PictureKind, readonly Path[]>>;

/** The paths of the times at which the face passed, appeared and left. */
export type TimesAt = { readonly time: Path; readonly enteredAt?: Path; readonly leftAt?: Path };

/** The box or platform that sends a dialect, as far as the dialect shows it. */
export interface Sender {
  readonly model?: string;
  readonly firmware?: string;
  /** The machines that the reports pass through, if the box does not post them itself. */
  readonly via?: "bridge" | "platform";
  /** The setting of the box that makes its bodies smaller, by leaving out the largest picture. docs/formats.md §3. */
  readonly pictureSwitch?: string;
}

/** Reads reports of one format. */
export interface ReportReader<Name extends string = string, Report extends JsonObject | Json[] = JsonObject> {
  /** As `reports[].dialect` of an event names it. */
  readonly name: Name;
  readonly kind: ReportKind;
  /** Flags of every event of this format. */
  readonly flags: readonly string[];
  /** Whether a terminal sends it: then its device is known by its id, and never by an address. */
  readonly isTerminal: boolean;
  /** Throws ZoneNeeded if it has a time without a zone, and `local` has not read the zone. */
  read(body: Report, local?: LocalTimes, levels?: readonly string[]): ReadReport;
}

/**
 * A wire format: how to recognise it, a schema that keeps unknown fields, and a translation. docs/formats.md §2, §6.
 */
export interface Dialect<Name extends string = string> extends ReportReader<Name> {
  /** The paths of the times of its facts. */
  readonly timesAt: TimesAt;
  /** The paths of the id and the name of the person. */
  readonly personAt: readonly Path[];
  readonly picturesAt: PicturesAt;
  /** The box or platform that sends this dialect. Box notices say more. docs/formats.md §0, §2. */
  readonly sender: Sender;
  /** `route` is the last part of the path it was posted to; it may only decide between dialects of one shape. */
  looksLike(body: JsonObject, route: string): boolean;
}

const noZone = new LocalTimes(null);

const usualPersonAt: readonly Path[] = [["identity_id"], ["identity_name"]];

export function dialect<const Name extends string, Shape extends z.core.$ZodShape>(definition: {
  name: Name;
  kind: ReportKind;
  timesAt: TimesAt;
  /** The paths of the person's id and name, if not under their usual names at the root. */
  personAt?: readonly Path[];
  picturesAt?: PicturesAt;
  /** The paths of the wanted action and the person's type, if not at the root under their first name. */
  claimedAt?: ClaimedAt;
  flags?: readonly string[];
  sender?: Sender;
  isTerminal?: boolean;
  looksLike(body: JsonObject, route: string): boolean;
  /** Made when the first body of the dialect is received. */
  schema(): z.ZodMiniObject<Shape, z.core.$loose>;
  read(body: z.output<z.ZodMiniObject<Shape, z.core.$loose>>, claims: Claims, local: LocalTimes): Translation;
}): Dialect<Name> {
  const { name, kind, timesAt, personAt = usualPersonAt, picturesAt = {}, claimedAt = {}, flags = [] } = definition;
  const { sender = {}, isTerminal = false, looksLike } = definition;
  const reader = once(() => {
    const schema = definition.schema();
    return { schema, named: namesIn(schema), pictured: picturePlaces(picturesAt), spoken: claimPlaces(claimedAt) };
  });
  return {
    name,
    kind,
    timesAt,
    personAt,
    picturesAt,
    flags,
    sender,
    isTerminal,
    looksLike,
    read(body, local = noZone) {
      const { schema, named, pictured, spoken } = reader();
      const first = schema.safeParse(body);
      const faulty = first.success ? [] : memberPaths(first.error.issues);
      const { claims, taken, left, unreadable } = readClaims(body, spoken);
      const { facts, keep, ...name } = definition.read(
        first.success ? first.data : schema.parse(withoutPaths(body, faulty)),
        claims,
        local,
      );
      const extra = unnamed(named, body);
      for (const path of [...faulty, ...unreadable, ...left, ...keep]) setPath(extra, path, getPath(body, path));
      const pictures = picturesIn(body, pictured);
      return {
        ...name,
        facts: withFitness(facts, claims),
        pictures,
        extra: [...taken, ...pictures.map(({ path }) => path)].reduce(withoutTaken, extra),
        unreadable: distinctPaths([...faulty, ...unreadable]),
        timesAt,
      };
    },
  };
}

/** The facts, with whether the face is fit to be registered. */
function withFitness(facts: Facts, { registrable }: Claims): Facts {
  return registrable === undefined ? facts : { ...facts, quality: { registrable, ...facts.quality } };
}

/** `rest` without the value at a path, and without the member around it if that is empty then. */
function withoutTaken(rest: JsonObject, path: Path): JsonObject {
  const [member = "", ...others] = path;
  if (!(member in rest)) return rest;
  const without = omitPath(rest, path);
  const left = without[member];
  return others.length > 0 && isObject(left) && Object.keys(left).length === 0 ? omitPath(without, [member]) : without;
}

/** The names of a schema's members, each with the names in it where it is an object, else with null. */
type Names = ReadonlyMap<string, Names | null>;

function namesIn(schema: z.ZodMiniObject): Names {
  const names = Object.entries(schema.shape).map(([name, field]) => {
    const inner = withoutWrappers(field);
    return [name, inner instanceof z.ZodMiniObject ? namesIn(inner) : null] as const;
  });
  return new Map(names);
}

/** The members of `body` that have none of the names, each at the path where it was sent. */
function unnamed(names: Names, body: JsonObject): JsonObject {
  const rest: JsonObject = {};
  for (const key of Object.keys(body)) {
    const [value = null, inner] = [body[key], names.get(key)];
    if (inner === undefined) set(rest, key, value);
    else if (inner !== null && isObject(value)) {
      const left = unnamed(inner, value);
      if (Object.keys(left).length > 0) set(rest, key, left);
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
  return distinctPaths(issues.map(({ path }) => path.filter((key) => typeof key === "string")));
}

function withoutPaths(body: JsonObject, paths: Path[]): JsonObject {
  return paths.reduce((kept, path) => omitPath(kept, path), body);
}
