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
}

interface Media {
  content?: Record<string, { schema?: Schema }>;
}

interface Operation {
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
  const { $ref, type, const: value, enum: values, anyOf, oneOf, allOf } = schema;
  if ($ref !== undefined) return [$ref.split("/").at(-1) ?? ""];
  const parts = [...(anyOf ?? []), ...(oneOf ?? []), ...(allOf ?? [])];
  if (parts.length > 0) return parts.flatMap(typesOf);
  if (type !== undefined) return [type].flat();
  const known = "const" in schema ? [value] : (values ?? []);
  return known.length === 0 ? ["any"] : known.map(typeOf);
}

const typeOf = (value: unknown) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/** A line for each name in a schema, with its types: `Event.person.id: string`, and `Box.note?: string` if it may lack. */
function linesOf(schema: Schema, at: string): string[] {
  const { anyOf, oneOf, allOf, properties = {}, required = [], items, additionalProperties } = schema;
  const below = [...(anyOf ?? []), ...(oneOf ?? []), ...(allOf ?? [])].flatMap((part) => linesOf(part, at).slice(1));
  const members = Object.entries(properties).flatMap(([name, member]) =>
    linesOf(member, `${at}.${name}${required.includes(name) ? "" : "?"}`),
  );
  const elements = items === undefined ? [] : linesOf(items, `${at}[]`);
  const others = typeof additionalProperties === "object" ? linesOf(additionalProperties, `${at}.*`) : [];
  return [`${at}: ${[...new Set(typesOf(schema))].sort().join("|")}`, ...below, ...members, ...elements, ...others];
}

function linesOfMedia({ content = {} }: Media, at: string): string[] {
  return Object.entries(content).flatMap(([type, { schema = {} }]) => linesOf(schema, `${at} ${type}`));
}

/** All names of the API's document, with their types: of its schemas, and of what each operation takes and answers. */
export function namesOfApi({ paths, components }: Document): string[] {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { parameters = [], requestBody = {}, responses }]) => {
      const at = `${method.toUpperCase()} ${path}`;
      return [
        ...parameters.flatMap((one) => linesOf(one.schema, `${at} in ${one.in} ${one.name}${one.required ? "" : "?"}`)),
        ...linesOfMedia(requestBody, `${at} takes`),
        // Every refusal is a Problem.
        ...Object.entries(responses)
          .filter(([status]) => Number(status) < 400)
          .flatMap(([status, answer]) => [
            `${at} answers ${status}`,
            ...linesOfMedia(answer, `${at} answers ${status}`),
          ]),
      ];
    }),
  );
  const schemas = Object.entries(components.schemas).flatMap(([name, schema]) => linesOf(schema, name));
  return sorted([...operations, ...schemas]);
}

/** All names of the entries of the bus with their types, by `detail-type`. */
export function namesOfBus({ anyOf = [], $defs = {} }: Schema & { $defs?: Record<string, Schema> }): string[] {
  const entries = anyOf.flatMap((entry) => linesOf(entry, `${entry.properties?.["detail-type"]?.const}`));
  return sorted([
    ...entries,
    ...Object.entries($defs).flatMap(([name, schema]) => linesOf(schema, `of an entry: ${name}`)),
  ]);
}

const sorted = (lines: readonly string[]) => [...new Set(lines)].sort();
