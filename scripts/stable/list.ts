/** What a list of names and types reads of a JSON schema. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: boolean | Schema;
  "x-extensible-enum"?: unknown[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
}

/** The members of a schema that are its words, and those that limit it. */
const words = ["const", "enum", "x-extensible-enum"] as const;
export const limits = ["minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"] as const;

export type Bounds = Pick<Schema, (typeof words)[number] | (typeof limits)[number]>;

interface Media {
  content?: Record<string, { schema?: Schema }>;
}

interface Operation {
  operationId: string;
  security?: object[];
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: Media & { required?: boolean };
  responses: Record<string, Media>;
}

export interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** The names of values of JSON, as `string` or `null`. */
function typesOf(schema: Schema): string[] {
  const { $ref, type, const: value, enum: values } = schema;
  if ($ref !== undefined) return [$ref.split("/").at(-1) ?? ""];
  const parts = partsOf(schema);
  if (parts.length > 0) return parts.flatMap(typesOf);
  if (type !== undefined) return [type].flat();
  const known = "const" in schema ? [value] : (values ?? []);
  return known.length === 0 ? ["any"] : known.map(typeOf);
}

const partsOf = ({ anyOf = [], oneOf = [], allOf = [] }: Schema) => [...anyOf, ...oneOf, ...allOf];

/** The words of a schema, or of each that it is one of; of what is sent also the limits. */
function boundsOf(schema: Schema, isSent: boolean): Bounds[] {
  const names = [...words, ...(isSent ? limits : [])].filter((name) => schema[name] !== undefined);
  const own = names.length === 0 ? [] : [Object.fromEntries(names.map((name) => [name, schema[name]]))];
  return [...own, ...partsOf(schema).flatMap((part) => boundsOf(part, isSent))];
}

const typeOf = (value: unknown) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/**
 * A line for each name in a schema, with its types and bounds: `Event.person.id: string`, and
 * `ActionReport.note?: string {"maxLength":1024}` if it may lack.
 */
function linesOf(schema: Schema, at: string, isSent: boolean): string[] {
  const { properties = {}, required = [], items, additionalProperties } = schema;
  const below = partsOf(schema).flatMap((part) => linesOf(part, at, isSent).slice(1));
  const members = Object.entries(properties).flatMap(([name, member]) =>
    linesOf(member, `${at}.${name}${required.includes(name) ? "" : "?"}`, isSent),
  );
  const elements = items === undefined ? [] : linesOf(items, `${at}[]`, isSent);
  const others = typeof additionalProperties === "object" ? linesOf(additionalProperties, `${at}.*`, isSent) : [];
  const bounds = boundsOf(schema, isSent);
  const shown = bounds.length === 0 ? "" : ` ${JSON.stringify(bounds.length === 1 ? bounds[0] : bounds)}`;
  const whole = `${at}: ${[...new Set(typesOf(schema))].sort().join("|")}${shown}`;
  return [whole, ...below, ...members, ...elements, ...others];
}

/** A line of a list: its name with the types, the name alone, and the bounds. */
export function readLine(line: string): { text: string; name: string; bounds: Bounds[] } {
  const [, text = "", bounds = "[]"] = /^(.*?)(?: ([[{].*))?$/.exec(line) ?? [];
  return { text, name: text.replace(/: [^:]*$/, ""), bounds: [JSON.parse(bounds)].flat() };
}

function linesOfMedia({ content = {} }: Media, at: string, isSent: boolean): string[] {
  return Object.entries(content).flatMap(([type, { schema = {} }]) => linesOf(schema, `${at} ${type}`, isSent));
}

/** The schemas that parts of a document refer to. */
function namedIn(parts: unknown, { components }: Document, found = new Set<string>()): Set<string> {
  for (const [, name = ""] of JSON.stringify(parts).matchAll(/"#\/components\/schemas\/(\w+)"/g))
    if (!found.has(name)) namedIn(components.schemas[name] ?? null, { components, paths: {} }, found.add(name));
  return found;
}

/** The schemas that programs send, and those that they read. */
export function directionsOf(document: Document): { sent: Set<string>; read: Set<string> } {
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  return {
    sent: namedIn(
      operations.map(({ parameters, requestBody }) => [parameters ?? [], requestBody ?? null]),
      document,
    ),
    read: namedIn(
      operations.map(({ responses }) => responses),
      document,
    ),
  };
}

/** All names of the API's document, with their types: of its schemas, and of what each operation takes and answers. */
export function namesOfApi(document: Document): string[] {
  const { paths, components } = document;
  const { sent } = directionsOf(document);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(
      ([method, { operationId, security, parameters = [], requestBody = {}, responses }]) => {
        const at = `${method.toUpperCase()} ${path}`;
        return [
          `${at} is ${operationId}`,
          ...(security?.length === 0 ? [`${at} needs no key`] : []),
          ...parameters.flatMap((one) =>
            linesOf(one.schema, `${at} in ${one.in} ${one.name}${one.required ? "" : "?"}`, true),
          ),
          ...linesOfMedia(requestBody, `${at} takes${requestBody.required === false ? "?" : ""}`, true),
          // Every refusal is a Problem.
          ...Object.entries(responses)
            .filter(([status]) => Number(status) < 400)
            .flatMap(([status, answer]) => [
              `${at} answers ${status}`,
              ...linesOfMedia(answer, `${at} answers ${status}`, false),
            ]),
        ];
      },
    ),
  );
  const schemas = Object.entries(components.schemas).flatMap(([name, schema]) => linesOf(schema, name, sent.has(name)));
  return sorted([...operations, ...schemas]);
}

/** All names of the entries of the bus with their types, by `detail-type`. */
export function namesOfBus({ anyOf = [], $defs = {} }: Schema & { $defs?: Record<string, Schema> }): string[] {
  const entries = anyOf.flatMap((entry) => linesOf(entry, `${entry.properties?.["detail-type"]?.const}`, false));
  const named = Object.entries($defs).flatMap(([name, schema]) => linesOf(schema, `of an entry: ${name}`, false));
  return sorted([...entries, ...named]);
}

const sorted = (lines: readonly string[]) => [...new Set(lines)].sort();
