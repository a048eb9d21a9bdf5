import { roles } from "@gatepost/core/accounts";
import { auditActions, auditOutcomes } from "@gatepost/core/audit";
import { personRecords } from "@gatepost/core/erasure";
import { factorKinds } from "@gatepost/core/factors";
import { scopes } from "@gatepost/core/keys";
import { channels } from "@gatepost/core/rules";
import { reasons } from "@gatepost/core/seen";
import {
  actionNames,
  actionStates,
  decisions,
  declineReasons,
  deviceTypes,
  dialectNames,
  isObject,
  omitEmpty,
  personTypes,
  pictureKinds,
  registeredTypes,
  reportKinds,
  setDirections,
  signKinds,
} from "@gatepost/protocol";
import * as z from "zod";

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The usual name, since Zalando's guidelines, of a list to which a later version may add words. */
const extensible = "x-extensible-enum";

type Words = Readonly<Record<string, readonly string[]>>;

/** Words of the core, which are written once and referred to: of copies, generators make a type each. */
const closedWords: Words = {
  ActionDecision: decisions,
  BoxOutcomeState: ["waiting", "done", "failed"],
  CooldownPer: ["gate", "person"],
  DeviceDirection: setDirections,
  DeviceState: ["reports", "silent"],
  Direction: ["in", "out"],
  EventActionState: actionStates,
  EventPersonType: personTypes,
  EventPictureKind: pictureKinds,
  PassageResult: ["granted", "denied"],
  PassingCardKind: ["blacklist", "strangers", "everything"],
  PhotoQuality: ["good", "poor"],
  RegisteredType: registeredTypes,
  ReportedState: ["done", "failed"],
  Role: roles,
};

/**
 * Words to which a later version may add others: they are a text that says which words are known, since clients that are
 * generated from a closed list cannot read an answer with another word.
 */
const openWords: Words = {
  AcknowledgementReason: reasons,
  ActionName: Object.values(actionNames),
  AlertChannel: channels,
  AuditAction: auditActions,
  AuditOutcome: auditOutcomes,
  DeclineReason: declineReasons,
  DeviceType: deviceTypes,
  Dialect: dialectNames,
  FactorKind: factorKinds,
  KeyScope: scopes,
  PersonRecordKind: personRecords,
  ReportKind: reportKinds,
  SignKind: signKinds,
  SignInWay: ["company", "password"],
  WantAction: Object.keys(actionNames),
};

/** Lists of words as the document has them, in the member of a schema that has this name. */
function schemasOfWords(lists: Words, member: string): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(lists).map(([name, words]) => [name, { type: "string", [member]: words }]));
}

/** The same of objects with members of any name: the schemas of their values. */
const sharedMaps: Readonly<Record<string, JsonSchema>> = {
  Amounts: { type: "integer", format: "int64" },
  Members: {},
  Texts: { type: "string" },
};

const sharedMapSchemas: Readonly<Record<string, JsonSchema>> = Object.fromEntries(
  Object.entries(sharedMaps).map(([name, values]) => [name, { type: "object", additionalProperties: values }]),
);

/** All of them as schemas. */
const sharedSchemas: Readonly<Record<string, JsonSchema>> = {
  ...schemasOfWords(closedWords, "enum"),
  ...schemasOfWords(openWords, extensible),
  ...sharedMapSchemas,
};

const sharedNames = new Map(
  Object.entries({ ...closedWords, ...openWords, ...sharedMapSchemas }).map(([name, one]) => [
    JSON.stringify(one),
    name,
  ]),
);

/** The name of a schema that is written once, if it has one. */
function sharedNameOf({ type, enum: words, properties, propertyNames, additionalProperties }: JsonSchema) {
  if (words !== undefined) return sharedNames.get(JSON.stringify(words));
  const isMap = properties === undefined && propertyNames === undefined;
  return isMap ? sharedNames.get(JSON.stringify({ type, additionalProperties })) : undefined;
}

const place = "#/components/schemas/";
/** The place of a schema as it is sent to us, until it is known whether that differs. */
const sentPlace = "#/sent/";

/**
 * The schemas of one document. A schema with a name (`id` in its metadata) is written once and referred to. If it is sent
 * otherwise than it is read, the form to send is `NameWritten`.
 */
export class NamedSchemas {
  readonly #read = new Map<string, JsonSchema>();
  readonly #sent = new Map<string, JsonSchema>();

  /**
   * The schema of data that is sent to us (`input`) or by us (`output`).
   *
   * @param name of an object that has none itself
   */
  of(schema: z.core.$ZodType, io: "input" | "output", name?: string): JsonSchema {
    const { $schema: _, $defs = {}, ...whole } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
    const [named, at] = io === "input" ? [this.#sent, sentPlace] : [this.#read, place];
    const forGenerators = (one: JsonSchema) =>
      JSON.parse(JSON.stringify(one), (key, value) => {
        // A later version may answer more members.
        if (io === "output" && key === "additionalProperties" && value === false) return undefined;
        return key === "propertyNames" ? namesOtherThanAny(value) : readable(value, at);
      });
    const isUnnamed = name !== undefined && whole.type === "object" && whole.properties !== undefined;
    for (const [id, definition] of Object.entries(isUnnamed ? { ...$defs, [name]: whole } : $defs)) {
      if (isAnyJson(id)) continue;
      const [known, readied] = [named.get(id), forGenerators(definition)];
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(readied))
        throw new Error(`two schemas are ${id}`);
      named.set(id, readied);
    }
    return isUnnamed ? { $ref: `${at}${name}` } : forGenerators(whole);
  }

  /** The document with the schemas that it refers to. */
  complete<Document extends { components: { schemas: Record<string, JsonSchema> } }>(document: Document): Document {
    const others = this.#sentOtherwise();
    const sent = [...this.#sent].map(([name, schema]) => [others.has(name) ? `${name}Written` : name, schema] as const);
    const named = Object.fromEntries(
      [...sent, ...this.#read, ...Object.entries(sharedSchemas)].sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    const components = { ...document.components, schemas: { ...named, ...document.components.schemas } };
    return JSON.parse(settled({ ...document, components }, others));
  }

  /** The names of what is sent otherwise than it is read. */
  #sentOtherwise(): Set<string> {
    const others = new Set<string>();
    const isOther = (name: string, sent: JsonSchema) => {
      const read = this.#read.get(name);
      return read !== undefined && settled(sent, others) !== settled(read, others);
    };
    for (let known = -1; known < others.size; ) {
      known = others.size;
      for (const [name, sent] of this.#sent) if (isOther(name, sent)) others.add(name);
    }
    return others;
  }
}

/** JSON whose references to sent schemas have their places. */
function settled(value: unknown, others: ReadonlySet<string>): string {
  return JSON.stringify(value, (key, part) => {
    if (key !== "$ref" || !String(part).startsWith(sentPlace)) return part;
    const name = part.slice(sentPlace.length);
    return `${place}${name}${others.has(name) ? "Written" : ""}`;
  });
}

/** Names of members, unless any text is one. */
function namesOtherThanAny(names: JsonSchema): JsonSchema | undefined {
  return JSON.stringify(names) === '{"type":"string"}' ? undefined : names;
}

/** A schema in a form that generators of code, and people, understand. Named ones are at a place. */
function readable(schema: unknown, at: string): unknown {
  if (!isObject(schema)) return schema;
  const { $ref, const: only, ...open } = schema;
  if ($ref !== undefined) {
    const name = String($ref).replace("#/$defs/", "");
    return isAnyJson(name) ? {} : { ...schema, $ref: `${at}${name}` };
  }
  // Generators for Java make an enum of texts of a boolean constant.
  if (only === true) return { ...open, not: { const: false } };
  const shared = sharedNameOf(schema);
  const { type, enum: words, pattern, ...rest } = schema;
  if (rest[extensible] === true) return { type, ...rest, [extensible]: words };
  if (shared !== undefined) return referringTo(shared, rest);
  // They know no list of types but one type and null.
  if (Array.isArray(type) && !type.includes("null")) return { anyOf: type.map((one) => ({ type: one })), ...rest };
  // The format says the same as zod's pattern, which no person can read.
  if (schema["format"] === "date-time" || schema["format"] === "date") return { type, ...rest };
  const { minimum, maximum, ...others } = schema;
  // An integer of any size: without a format, generators for Java and C# give it 32 bits.
  if (type !== "integer" || maximum !== Number.MAX_SAFE_INTEGER) return schema;
  return { ...others, format: "int64", ...(minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }) };
}

/** A reference to shared words. Generators for Java take the default of a text with a name for the name of a constant. */
function referringTo(shared: string, { additionalProperties, ...beside }: JsonSchema): JsonSchema {
  const $ref = `${place}${shared}`;
  const { default: usual, description = "", ...rest } = beside;
  if (usual === undefined || !(shared in openWords)) return { $ref, ...beside };
  return { $ref, ...rest, description: `${description} \`${usual}\` by default.`.trim() };
}

/** zod writes any JSON at all as a recursive union beside the schema, and refers to it. */
function isAnyJson(name: string): boolean {
  return name.startsWith("__schema");
}

/** An object of the API, with the name that it has in the document and in clients that are made of it. */
export function namedObject<Shape extends z.core.$ZodLooseShape>(
  id: string,
  shape: Shape,
  description?: string,
): z.ZodObject<Shape> {
  return z.object(shape).meta(omitEmpty({ id, description }));
}

/** Words with a name, which are described with it. Each place takes the same schema. */
export function namedWords<const Words extends readonly string[]>(id: string, words: Words, description?: string) {
  return z.enum(words).meta(omitEmpty({ id, description }));
}

/** Words of answers to which a later version may add others. */
export function growingWords<const Words extends readonly string[]>(words: Words) {
  return z.enum(words).meta({ [extensible]: true });
}

/** The same of what is sent: it has no other members. */
export function sentObject<Shape extends z.core.$ZodLooseShape>(id: string, shape: Shape) {
  return z.strictObject(shape).meta({ id });
}
