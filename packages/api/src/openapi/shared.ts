import { isObject } from "@gatepost/protocol";
import type { Content, OpenApi, Operation, Parameter } from "./document.ts";
import type { JsonSchema } from "./named.ts";
import { capitalized } from "./operation-ids.ts";

/** How a caller shows who it is, unless an operation says otherwise. */
const usual: Operation["security"] = [{ key: [] }, { session: [] }];

/**
 * The document as programs get it. A parameter that several operations take in the same words is written once and
 * referred to, and so is the example of a body; the page for people repeats them.
 */
export function shared(document: OpenApi): object {
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const names = namesOfParameters(operations);
  const shown = shownExamples(operations, document.components.schemas);
  const paths = JSON.stringify(document.paths, (key, part) => {
    if (key === "parameters" && part.length === 0) return undefined;
    if (key === "security" && JSON.stringify(part) === JSON.stringify(usual)) return undefined;
    if (part?.schema === undefined) return part;
    if (part.in === undefined) return shown.get(JSON.stringify(part.schema)) === part ? part : { schema: part.schema };
    const name = names.get(withoutExample(part));
    return name === undefined ? part : { $ref: `#/components/parameters/${name}` };
  });
  const taken = operations.flatMap(({ parameters }) => parameters);
  const parameters = Object.fromEntries(
    [...names].map(([text, name]) => {
      const same = taken.filter((parameter) => withoutExample(parameter) === text);
      return [name, same.find(({ example }) => example !== undefined) ?? same[0]];
    }),
  );
  return {
    ...document,
    security: usual,
    paths: JSON.parse(paths, parametersOfPath),
    components: { ...document.components, parameters },
  };
}

function parametersIn(operation: unknown): string[] {
  const parameters = isObject(operation) ? operation["parameters"] : undefined;
  return Array.isArray(parameters) ? parameters.map((one) => JSON.stringify(one)) : [];
}

/** Moves the parameters that all operations of a path take to the path. */
function parametersOfPath(key: string, value: unknown): unknown {
  const operations = key.startsWith("/") && isObject(value) ? Object.entries(value) : [];
  if (operations.length < 2) return value;
  const lists = operations.map(([, operation]) => parametersIn(operation));
  const common = lists.reduce((some, list) => some.filter((one) => list.includes(one)));
  if (common.length === 0) return value;
  const without = operations.map(([method, operation], at) => {
    const own = lists[at]?.filter((one) => !common.includes(one)) ?? [];
    return [
      method,
      { ...Object(operation), parameters: own.length === 0 ? undefined : own.map((one) => JSON.parse(one)) },
    ];
  });
  return { parameters: common.map((one) => JSON.parse(one)), ...Object.fromEntries(without) };
}

/**
 * Names of the parameters that several operations take. The first of a name in queries or headers has the name alone;
 * another, and one of a path, has the group of its first operation before it.
 *
 * @example namesOfParameters(operations) // Map { '{"name":"site",…}' => "QuerySite", '{"name":"id",…}' => "PathEventsId" }
 */
function namesOfParameters(operations: readonly Operation[]): Map<string, string> {
  const groups = new Map<string, string[]>();
  for (const { tags, parameters } of operations)
    for (const parameter of parameters) {
      const text = withoutExample(parameter);
      groups.set(text, [...(groups.get(text) ?? []), ...tags]);
    }
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const [text, [group = "", ...others]] of groups) {
    const { in: place, name, schema }: Parameter = JSON.parse(text);
    // Generators for Go know no shared parameter that is one of several types.
    if (others.length === 0 || schema.anyOf !== undefined) continue;
    const alone = nameOf(place, name);
    const unique = place === "path" || taken.has(alone) ? nameOf(place, group, name) : alone;
    if (taken.has(unique)) continue;
    taken.add(unique);
    names.set(text, unique);
  }
  return names;
}

/** Operations may show a parameter of the same words by different examples. */
const withoutExample = ({ example, ...parameter }: Parameter) => JSON.stringify(parameter);

const nameOf = (...words: string[]) =>
  words
    .flatMap((word) => word.split("-"))
    .map(capitalized)
    .join("");

/** Of each schema of a body, the content with the longest example; none of a list whose items have one of their own. */
function shownExamples(operations: readonly Operation[], schemas: Record<string, JsonSchema>): Map<string, Content> {
  const longest = new Map<string, Content>();
  const lengthOf = (content: Content | undefined) => JSON.stringify(content?.example ?? "").length;
  const bodies = operations.flatMap(({ requestBody, responses }) => [requestBody, ...Object.values(responses)]);
  for (const one of bodies.flatMap((body) => Object.values(body?.content ?? {}))) {
    const schema = JSON.stringify(one.schema);
    if (one.example !== undefined && lengthOf(one) > lengthOf(longest.get(schema))) longest.set(schema, one);
  }
  const isShownByItems = (schema: string) =>
    [...schema.matchAll(/"#\/components\/schemas\/(\w+)"/g)]
      .flatMap(([, name = ""]) => Object.values(schemas[name]?.properties ?? {}))
      .some((member) => isObject(member) && longest.has(JSON.stringify(member["items"] ?? null)));
  return new Map([...longest].filter(([schema]) => !isShownByItems(schema)));
}
