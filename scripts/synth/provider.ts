import { type Call, type NewResource, unwrapped } from "./pulumi.ts";

export const account = "123456789012";
export const region = "eu-west-1";

type State = Record<string, unknown>;

const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;

/** The properties that AWS would return for a resource, by its type. `name` is its physical name. */
const computed: Record<string, (name: string, inputs: State) => State> = {
  "aws:s3/bucket:Bucket": (name) => ({
    bucket: name,
    arn: `arn:aws:s3:::${name}`,
    bucketDomainName: `${name}.s3.amazonaws.com`,
    bucketRegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
  }),
  "aws:dynamodb/table:Table": (name) => ({
    arn: arn("dynamodb", `table/${name}`),
    streamArn: arn("dynamodb", `table/${name}/stream/1`),
  }),
  "aws:iam/role:Role": (name) => ({ arn: `arn:aws:iam::${account}:role/${name}` }),
  "aws:lambda/function:Function": (name) => ({
    arn: arn("lambda", `function:${name}`),
    qualifiedArn: arn("lambda", `function:${name}:1`),
    invokeArn: `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${arn("lambda", `function:${name}`)}/invocations`,
    version: "1",
  }),
  "aws:sqs/queue:Queue": (name) => ({
    arn: arn("sqs", name),
    url: `https://sqs.${region}.amazonaws.com/${account}/${name}`,
  }),
  "aws:kms/key:Key": (name) => ({ arn: arn("kms", `key/${name}`) }),
  "aws:sns/topic:Topic": (name) => ({ arn: arn("sns", name) }),
  "aws:cloudwatch/eventBus:EventBus": (name) => ({ arn: arn("events", `event-bus/${name}`) }),
  "aws:cloudwatch/eventRule:EventRule": (name, inputs) => ({
    arn: arn("events", `rule/${unwrapped(inputs["eventBusName"])}/${name}`),
  }),
  "aws:cloudwatch/logGroup:LogGroup": (name) => ({ arn: arn("logs", `log-group:${name}`) }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": (name) => ({ arn: arn("cloudwatch", `alarm:${name}`) }),
  "aws:wafv2/webAcl:WebAcl": (name) => ({ arn: arn("wafv2", `global/webacl/${name}/id`) }),
  "aws:apigatewayv2/api:Api": (name) => ({
    arn: arn("apigateway", `/apis/${name}`),
    apiEndpoint: `https://${name}.execute-api.${region}.amazonaws.com`,
    executionArn: arn("execute-api", name),
  }),
  "aws:apigatewayv2/domainName:DomainName": (_, inputs) => ({
    domainNameConfiguration: {
      ...Object(inputs["domainNameConfiguration"]),
      targetDomainName: `target.execute-api.${region}.amazonaws.com`,
      hostedZoneId: "zone-of-the-target",
    },
  }),
  "aws:acm/certificate:Certificate": (name, inputs) => ({
    arn: arn("acm", `certificate/${name}`),
    domainValidationOptions: [
      {
        domainName: inputs["domainName"],
        resourceRecordName: `_v.${unwrapped(inputs["domainName"])}.`,
        resourceRecordType: "CNAME",
        resourceRecordValue: "v",
      },
    ],
  }),
  "aws:cloudfront/keyValueStore:KeyValueStore": (name) => ({
    arn: `arn:aws:cloudfront::${account}:key-value-store/${name}`,
  }),
  "aws:cloudfront/function:Function": (name) => ({ arn: `arn:aws:cloudfront::${account}:function/${name}` }),
  "aws:cloudfront/distribution:Distribution": (name) => ({
    arn: `arn:aws:cloudfront::${account}:distribution/${name}`,
    domainName: `${name.toLowerCase()}.cloudfront.net`,
    hostedZoneId: "zone-of-cloudfront",
    etag: "etag",
  }),
  // SST's look-up of the zone of a domain.
  "pulumi-nodejs:dynamic:Resource": () => ({ zoneId: "zone" }),
  "random:index/randomBytes:RandomBytes": (_, inputs) => ({
    base64: Buffer.alloc(Number(inputs["length"]), 7).toString("base64"),
  }),
};

/** The id and the state of a resource, as if it had been made. */
export function made({ type, name, inputs }: NewResource): { id: string; state: State } {
  const given = unwrapped(inputs["name"]) ?? unwrapped(inputs["bucket"]) ?? name;
  const physical = String(given);
  return { id: `${name}-id`, state: { name: physical, ...inputs, ...computed[type]?.(physical, inputs) } };
}

const answers: Record<string, (inputs: State) => State> = {
  "aws:index/getPartition:getPartition": () => ({ partition: "aws", dnsSuffix: "amazonaws.com", id: "aws" }),
  "aws:index/getRegion:getRegion": () => ({ name: region, region, id: region }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({ accountId: account, id: account }),
  "aws:iam/getPolicyDocument:getPolicyDocument": (inputs) => {
    const json = policyDocument(inputs["statements"] as Statement[] | undefined);
    return { ...inputs, json, minifiedJson: json, id: "policy" };
  },
};

/** The answer to a question about the account. */
export function answered({ token, inputs }: Call): State {
  const answer = answers[token];
  if (answer === undefined) throw new Error(`nobody here can answer ${token}`);
  return answer(inputs);
}

interface Statement {
  effect?: string;
  actions: string[];
  resources?: string[];
  principals?: { type: string; identifiers: string[] }[];
  conditions?: { test: string; variable: string; values: string[] }[];
}

function principalOf(principals: NonNullable<Statement["principals"]>): unknown {
  const byType = principals.map(({ type, identifiers }) => [type, identifiers] as const);
  return byType.some(([type]) => type === "*") ? "*" : Object.fromEntries(byType);
}

/** Writes statements as IAM has them. */
function policyDocument(statements: Statement[] = []): string {
  const Statement = statements.map(({ effect = "Allow", actions, resources, principals, conditions }) => ({
    Effect: effect,
    ...(principals && { Principal: principalOf(principals) }),
    Action: actions,
    ...(resources && { Resource: resources }),
    ...(conditions && {
      Condition: Object.fromEntries(conditions.map((one) => [one.test, { [one.variable]: one.values }])),
    }),
  }));
  return JSON.stringify({ Version: "2012-10-17", Statement });
}
