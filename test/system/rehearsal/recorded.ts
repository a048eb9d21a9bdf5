import { join } from "node:path";
import * as z from "zod";
import type { Graph, Recorded } from "../../../scripts/synth/graph.ts";
import type { Statement } from "./permissions.ts";
import type { Route } from "./route.ts";

const text = z.string().transform((json): unknown => JSON.parse(json));

/** The rehearsed properties of each kind of resource, as the provider would get them. */
const schemas = {
  "apigatewayv2/api:Api": z.object({ name: z.string(), protocolType: z.literal("HTTP") }),
  "apigatewayv2/stage:Stage": z.object({ apiId: z.string(), name: z.string() }),
  "apigatewayv2/route:Route": z.object({
    apiId: z.string(),
    routeKey: z.string(),
    target: z.string(),
    authorizationType: z.literal("NONE"),
  }),
  "apigatewayv2/integration:Integration": z.object({ integrationUri: z.string() }),
  "lambda/function:Function": z.object({
    name: z.string(),
    handler: z.string(),
    timeout: z.number(),
    role: z.string(),
    environment: z.object({ variables: z.record(z.string(), z.string()) }),
  }),
  "iam/role:Role": z.object({
    /** Only roles of functions have one. */
    name: z.string().optional(),
    inlinePolicies: z.array(z.object({ policy: text })).default([]),
  }),
  "dynamodb/table:Table": z.object({
    name: z.string(),
    attributes: z.array(z.object({ name: z.string(), type: z.enum(["S", "N", "B"]) })),
    hashKey: z.string(),
    globalSecondaryIndexes: z.array(
      z.object({
        name: z.string(),
        hashKey: z.string(),
        rangeKey: z.string(),
        projectionType: z.enum(["KEYS_ONLY", "ALL"]),
      }),
    ),
    ttl: z.object({ attributeName: z.string() }),
    streamEnabled: z.boolean(),
    streamViewType: z.enum(["NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY"]),
  }),
  "lambda/eventSourceMapping:EventSourceMapping": z.union([
    z.object({
      eventSourceArn: z.templateLiteral(["arn:aws:dynamodb:", z.string()]),
      functionName: z.string(),
      batchSize: z.number(),
      startingPosition: z.enum(["LATEST", "TRIM_HORIZON"]),
      maximumRecordAgeInSeconds: z.number(),
      maximumRetryAttempts: z.number(),
      bisectBatchOnFunctionError: z.boolean(),
      tumblingWindowInSeconds: z.number().exactOptional(),
      filterCriteria: z.object({ filters: z.array(z.object({ pattern: text })) }),
      destinationConfig: z.object({ onFailure: z.object({ destinationArn: z.string() }) }),
    }),
    z.object({
      eventSourceArn: z.templateLiteral(["arn:aws:sqs:", z.string()]),
      functionName: z.string(),
      batchSize: z.number(),
      functionResponseTypes: z.tuple([z.literal("ReportBatchItemFailures")]).exactOptional(),
    }),
  ]),
  "s3/bucket:Bucket": z.object({ bucket: z.string() }),
  "cloudfront/function:Function": z.object({ name: z.string(), code: z.string() }),
  "cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": z.object({
    securityHeadersConfig: z.object({
      contentSecurityPolicy: z.object({ contentSecurityPolicy: z.string(), override: z.literal(false) }),
      contentTypeOptions: z.object({ override: z.literal(false) }),
      referrerPolicy: z.object({ referrerPolicy: z.string(), override: z.literal(false) }),
    }),
    customHeadersConfig: z.object({
      items: z.array(z.object({ header: z.string(), value: z.string(), override: z.literal(false) })),
    }),
  }),
  "sqs/queue:Queue": z.object({ name: z.string() }),
  "sqs/queuePolicy:QueuePolicy": z.object({ queueUrl: z.string(), policy: text }),
  "cloudwatch/eventRule:EventRule": z.object({ eventBusName: z.string(), eventPattern: text }),
  "cloudwatch/eventTarget:EventTarget": z.object({
    rule: z.string(),
    arn: z.string(),
    inputTransformer: z.object({ inputTemplate: z.string() }).exactOptional(),
    /** A function as the target is invoked asynchronously. */
    deadLetterConfig: z.object({ arn: z.string() }).optional(),
  }),
  "lambda/permission:Permission": z.object({ function: z.string(), principal: z.string(), sourceArn: z.string() }),
  "scheduler/schedule:Schedule": z.object({ target: z.object({ arn: z.string(), input: text }) }),
};

type Kind = keyof typeof schemas;

/** The recorded inputs of every resource of a kind, with its name. */
export function recorded<K extends Kind>(
  graph: Graph,
  kind: K,
): ({ resource: Recorded } & z.output<(typeof schemas)[K]>)[] {
  const found = graph.resources.filter(({ type }) => type === `aws:${kind}`);
  return found.map((resource) => ({
    resource,
    ...(schemas[kind].parse(resource.inputs) as z.output<(typeof schemas)[K]>),
  }));
}

const values = z.object({ namespace: z.string(), entries: z.record(z.string(), z.string()) });
const routesUpdate = z.object({ namespace: z.string(), key: z.string(), entry: z.string() });
const uploadedFiles = z.object({
  bucketName: z.string(),
  files: z.array(z.object({ key: z.string(), source: z.string(), cacheControl: z.string(), contentType: z.string() })),
});

/** What SST itself does at a deploy: the values by which CloudFront's function finds its way, and files of a site. */
export function doneBySst({ resources }: Graph) {
  const ofKind = (kind: string) =>
    resources.filter(({ name }) => name.endsWith(`.sst.aws.${kind}`)).map(({ inputs }) => inputs);
  const store = new Map<string, string>();
  for (const { namespace, entries } of ofKind("KvKeys").map((inputs) => values.parse(inputs))) {
    for (const [key, value] of Object.entries(entries)) store.set(`${namespace}:${key}`, value);
  }
  for (const { namespace, key, entry } of ofKind("KvRoutesUpdate").map((inputs) => routesUpdate.parse(inputs))) {
    const before: string[] = JSON.parse(store.get(`${namespace}:${key}`) ?? "[]");
    store.set(`${namespace}:${key}`, JSON.stringify([...before, entry]));
  }
  return { store, uploads: ofKind("BucketFiles").map((inputs) => uploadedFiles.parse(inputs)) };
}

/** The routes of the API, each with the name of the function that its integration invokes. */
export function routesOf(graph: Graph): Route[] {
  const integrations = recorded(graph, "apigatewayv2/integration:Integration");
  return recorded(graph, "apigatewayv2/route:Route").map(({ routeKey, target }) => {
    const integration = integrations.find(({ resource }) => target === `integrations/${resource.name}-id`);
    return { key: routeKey, lambda: nameIn(integration?.integrationUri ?? "") };
  });
}

/** The name of the function in its ARN. */
export function nameIn(uri: string): string {
  return /:function:([\w-]+)$/.exec(uri)?.[1] ?? "";
}

/** What feeds functions: the stream of the table, and queues. */
export function mappingsOf(graph: Graph) {
  const mappings = recorded(graph, "lambda/eventSourceMapping:EventSourceMapping");
  return {
    streams: mappings.filter((mapping) => "startingPosition" in mapping),
    queues: mappings.filter((mapping) => !("startingPosition" in mapping)),
  };
}

export const statement = z.strictObject({
  Effect: z.enum(["Allow", "Deny"]),
  Action: z.array(z.string()),
  Resource: z.array(z.string()),
  Condition: z.record(z.string(), z.record(z.string(), z.array(z.string()))).exactOptional(),
});

const document = z.object({ Statement: z.array(statement) });

/** The functions, each with its archive and what its role allows. */
export function functionsOf(graph: Graph, folder: string) {
  const roles = recorded(graph, "iam/role:Role");
  return recorded(graph, "lambda/function:Function").map(({ resource, role, ...lambda }) => {
    const built = graph.builds.find(({ component }) => component === resource.parent);
    const policies = roles.find(({ name }) => role.endsWith(`:role/${name}`))?.inlinePolicies ?? [];
    const statements: Statement[] = policies.flatMap(({ policy }) => document.parse(policy).Statement);
    if (built === undefined) throw new Error(`${resource.name} has no code`);
    return { ...lambda, zip: join(folder, built.zip), statements };
  });
}
