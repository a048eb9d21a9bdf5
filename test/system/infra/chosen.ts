import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { sceneTag } from "../../../packages/aws/src/pictures/keys.ts";
import { faultsOf, situationsOf } from "./checks/alarms.ts";
import { alarmInputs } from "./cloudwatch/alarm.ts";
import { all, document, type Graph, one, readable, statementsOf, synth } from "./stages.ts";

/* The stage test with settings that are off by default, and the facts about it. */

const settings = {
  region: "eu-west-1",
  alarms: "ops@example.com",
  canary: true,
  rateByAddress: 3000,
  dataEvents: true,
  sceneDays: 5,
  replica: "eu-central-1",
  pictureReaders: ["210987654321"],
};

const secrets = { SST_SECRET_CanaryIngestKey: "gpi_one", SST_SECRET_CanaryReadKey: "gpr_two" };

/** Synthesises the stacks of a folder with these settings. */
export async function synthChosen(root: string): Promise<Graph> {
  await writeFile(join(root, "stages.json"), JSON.stringify({ stages: { test: settings } }));
  const out = join(root, "synth");
  await synth(["--shallow", "--stage", "test", "--root", root, "--out", out], secrets);
  return readable(out);
}

const lambda = "lambda/function:Function";
const lifecycle = "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";

interface LifecycleRule {
  status: string;
  filter?: { prefix?: string; and?: { prefix: string; tags: Record<string, string> } };
  expiration?: { days?: number; expiredObjectDeleteMarker?: boolean };
  noncurrentVersionExpiration?: { noncurrentDays: number };
}

const inputsOf = (graph: Graph, type: string, name: string) => one(graph, type, name).inputs;

/** The prefix of a filter, with its tags as a request writes them. */
function nameOf({ prefix = "", and }: NonNullable<LifecycleRule["filter"]> = {}): string {
  return and === undefined ? prefix : `${and.prefix}?${new URLSearchParams(and.tags)}`;
}

/** Days to the end of a bucket's objects by prefix and tags, and of the versions that an erasure leaves, with their markers. */
function endsIn(graph: Graph, name: string) {
  const rules = inputsOf(graph, lifecycle, name)["rules"] as LifecycleRule[];
  expect(rules.filter(({ status }) => status !== "Enabled")).toEqual([]);
  const ends = rules.flatMap(({ filter, expiration }) =>
    expiration?.days === undefined ? [] : [[nameOf(filter), expiration.days] as const],
  );
  const versions = rules.filter((rule) => rule.filter?.prefix === "" && rule.expiration?.expiredObjectDeleteMarker);
  return {
    ...Object.fromEntries(ends),
    versions: versions.map(({ noncurrentVersionExpiration }) => noncurrentVersionExpiration?.noncurrentDays),
  };
}

export const chosenChecks: Record<string, (graph: Graph) => void> = {
  "runs the canary every five minutes, with keys that only deliver and see checks": (graph) => {
    const [schedule] = all(graph, "scheduler/schedule:Schedule").filter(({ name }) => name.startsWith("Canary"));
    expect(schedule?.inputs).toMatchObject({ scheduleExpression: "rate(5 minutes)", state: "ENABLED" });
    const inputs = inputsOf(graph, lambda, "CanaryFunction");
    expect(inputs).toMatchObject({ timeout: 120 });
    expect(inputs["environment"]).toMatchObject({
      variables: {
        GATEPOST_CANARY_INGEST_KEY: "gpi_one",
        GATEPOST_CANARY_READ_KEY: "gpr_two",
        GATEPOST_PHOTO_URL: graph.outputs["url"],
        GATEPOST_ALARM_TOPICS: "arn:aws:sns:eu-west-1:123456789012:gatepost-test-AlarmsTopic",
      },
    });
    const others = all(graph, lambda).filter((one) => JSON.stringify(one).includes("gpr_two"));
    expect(others).toHaveLength(1);
  },

  "lets the canary erase events and list subscriptions, and read no pictures": (graph) => {
    const statements = JSON.stringify(statementsOf(graph, "CanaryRole"));
    expect(statements).toContain('"sns:ListSubscriptionsByTopic"');
    expect(statements).toContain('"erasure person *"');
    expect(statements).not.toContain("s3:GetObject");
    expect(statements).not.toContain("sns:Publish");
  },

  "rings if two checks of the canary fail or none runs, and urgently": (graph) => {
    const alarm = inputsOf(graph, "cloudwatch/metricAlarm:MetricAlarm", "canary-failed");
    expect(faultsOf(situationsOf(graph), "canary-failed", alarmInputs.parse(alarm))).toEqual([]);
    const mistaken = { ...alarm, evaluationPeriods: 1 };
    expect(faultsOf(situationsOf(graph), "canary-failed", alarmInputs.parse(mistaken))).toEqual(["rings for nothing"]);
    const urgent = inputsOf(graph, "cloudwatch/compositeAlarm:CompositeAlarm", "boxes-cannot-deliver");
    expect(urgent["alarmRule"]).toContain(' OR ALARM("gatepost-test-canary-failed")');
    expect(alarm["alarmActions"]).toEqual([]);
  },

  "blocks an address beyond its rate, and no request for its content": (graph) => {
    const [acl, ...others] = all(graph, "wafv2/webAcl:WebAcl");
    expect(others).toEqual([]);
    expect(acl?.inputs).toMatchObject({ scope: "CLOUDFRONT", defaultAction: { allow: {} } });
    expect(acl?.inputs["rules"]).toEqual([
      expect.objectContaining({
        action: { block: {} },
        statement: { rateBasedStatement: { limit: 3000, aggregateKeyType: "IP" } },
      }),
    ]);
    const [distribution] = all(graph, "cloudfront/distribution:Distribution");
    expect(distribution?.inputs["webAclId"]).toMatch(/:global\/webacl\//);
  },

  "notes each read and write of a picture in a bucket of CloudTrail for 400 days": (graph) => {
    const inputs = inputsOf(graph, "cloudtrail/trail:Trail", "PictureTrail");
    expect(inputs).toMatchObject({ enableLogFileValidation: true, s3BucketName: "gatepost-test-trailbucket" });
    expect(inputs).toMatchObject({ includeGlobalServiceEvents: false, isMultiRegionTrail: true });
    const noted = ["store", "replica"].map((bucket) => `arn:aws:s3:::gatepost-test-${bucket}bucket/`);
    expect(inputs["advancedEventSelectors"]).toMatchObject([
      {
        fieldSelectors: [
          { field: "eventCategory", equals: ["Data"] },
          { field: "resources.type", equals: ["AWS::S3::Object"] },
          { field: "resources.ARN", startsWiths: noted },
        ],
      },
    ]);
    expect(inputsOf(graph, lifecycle, "TrailLifecycle")["rules"]).toMatchObject([
      { status: "Enabled", expiration: { days: 400 } },
    ]);
  },

  "lets CloudTrail alone write notes, and only those of this trail": (graph) => {
    const policy = all(graph, "s3/bucketPolicy:BucketPolicy").find(({ parent }) => parent === "Trail");
    const { Statement } = (policy && document(policy, "policy")) as { Statement: { Effect: string }[] };
    const ofTrail = {
      Principal: { Service: ["cloudtrail.amazonaws.com"] },
      Condition: {
        StringEquals: { "aws:SourceArn": ["arn:aws:cloudtrail:eu-west-1:123456789012:trail/gatepost-test-pictures"] },
      },
    };
    const notes = "arn:aws:s3:::gatepost-test-trailbucket";
    expect(Statement.filter(({ Effect }) => Effect === "Allow")).toEqual([
      expect.objectContaining({ Action: ["s3:GetBucketAcl"], Resource: [notes, `${notes}/*`], ...ofTrail }),
      expect.objectContaining({ Action: ["s3:PutObject"], Resource: [`${notes}/AWSLogs/*`], ...ofTrail }),
    ]);
  },

  "ends scenes a day after the functions show them no more": (graph) => {
    expect(endsIn(graph, "StoreLifecycle")).toMatchObject({ [`pictures/?${sceneTag}`]: 6, "pictures/": 8 });
    for (const { inputs } of all(graph, lambda))
      expect(inputs["environment"]).toMatchObject({ variables: { GATEPOST_SCENE_DAYS: "5" } });
    expect(graph.outputs["stage"]).toContain("events are kept 7 days, scenes 5;");
  },

  "copies pictures and their erasures, but no exports, to a bucket of the other region": (graph) => {
    const replication = "s3/bucketReplicationConfig:BucketReplicationConfig";
    const { rules, ...others } = inputsOf(graph, replication, "StoreReplication");
    expect(others).toMatchObject({
      bucket: "gatepost-test-storebucket",
      role: "arn:aws:iam::123456789012:role/ReplicaRole",
    });
    const rule = {
      status: "Enabled",
      deleteMarkerReplication: { status: "Enabled" },
      destination: { bucket: "arn:aws:s3:::gatepost-test-replicabucket", metrics: { status: "Enabled" } },
    };
    expect(rules).toEqual([
      { ...rule, id: "pictures", priority: 0, filter: { prefix: "pictures/" } },
      { ...rule, id: "registered", priority: 1, filter: { prefix: "registered/" } },
      { ...rule, id: "quarantine", priority: 2, filter: { prefix: "quarantine/" } },
    ]);
    for (const bucket of ["Store", "Replica"])
      expect(inputsOf(graph, "s3/bucketVersioning:BucketVersioning", `${bucket}Versioning`)).toMatchObject({
        versioningConfiguration: { status: "Enabled" },
      });
    const ofReplica = graph.resources.filter(({ name, type }) => /^Replica/.test(name) && /^aws:s3/.test(type));
    expect(ofReplica.map(({ inputs }) => inputs["region"])).toEqual(Array(7).fill("eu-central-1"));
  },

  "removes the versions of erased pictures after a day, in both regions": (graph) => {
    const ends = { "pictures/": 8, [`pictures/?${sceneTag}`]: 6, "registered/": 38, "quarantine/": 8, versions: [1] };
    expect(endsIn(graph, "StoreLifecycle")).toEqual({ ...ends, "exports/": 2 });
    expect(endsIn(graph, "ReplicaLifecycle")).toEqual(ends);
  },

  "names the versions of erased pictures in the receipt of an erasure": (graph) => {
    expect(inputsOf(graph, lambda, "JobFunction")["environment"]).toMatchObject({
      variables: { GATEPOST_VERSIONS: "1" },
    });
  },

  "keeps the other bucket as private as the first one": (graph) => {
    const encryption = "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
    for (const bucket of ["Store", "Replica"]) {
      const block = inputsOf(graph, "s3/bucketPublicAccessBlock:BucketPublicAccessBlock", `${bucket}PublicAccessBlock`);
      expect(block).toMatchObject({
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      });
      const ownership = inputsOf(graph, "s3/bucketOwnershipControls:BucketOwnershipControls", `${bucket}Ownership`);
      expect(ownership["rule"]).toEqual({ objectOwnership: "BucketOwnerEnforced" });
      expect(inputsOf(graph, encryption, `${bucket}Encryption`)["rules"]).toEqual([
        { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } },
      ]);
      expect(document(one(graph, "s3/bucketPolicy:BucketPolicy", `${bucket}Policy`), "policy")).toMatchObject({
        Statement: expect.arrayContaining([
          expect.objectContaining({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": ["false"] } } }),
        ]),
      });
    }
  },

  "lets S3 alone read versions of the one bucket and write them into the other": (graph) => {
    const store = "arn:aws:s3:::gatepost-test-storebucket";
    const copied = (bucket: string) =>
      ["pictures", "registered", "quarantine"].map((prefix) => `${bucket}/${prefix}/*`);
    expect(statementsOf(graph, "ReplicaRole")).toEqual([
      { Effect: "Allow", Action: ["s3:GetReplicationConfiguration", "s3:ListBucket"], Resource: [store] },
      {
        Effect: "Allow",
        Action: ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
        Resource: copied(store),
      },
      {
        Effect: "Allow",
        Action: ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
        Resource: copied("arn:aws:s3:::gatepost-test-replicabucket"),
      },
    ]);
    expect(document(one(graph, "iam/role:Role", "ReplicaRole"), "assumeRolePolicy")).toMatchObject({
      Statement: [{ Principal: { Service: "s3.amazonaws.com" }, Action: "sts:AssumeRole" }],
    });
    // No function may read the versions that an erasure leaves for a day.
    const ofFunctions = all(graph, lambda).map(({ parent }) => JSON.stringify(statementsOf(graph, `${parent}Role`)));
    expect(ofFunctions.filter((statements) => /ObjectVersion|s3:\*|replicabucket/.test(statements))).toEqual([]);
  },

  "rings if a picture or an erasure is not copied": (graph) => {
    const alarm = inputsOf(graph, "cloudwatch/metricAlarm:MetricAlarm", "replica-behind");
    expect(faultsOf(situationsOf(graph), "replica-behind", alarmInputs.parse(alarm))).toEqual([]);
    expect(alarm["alarmActions"]).toEqual([expect.stringMatching(/AlarmsTopic$/)]);
  },

  "lets another account read the pictures of events, and nothing else": (graph) => {
    const { Statement } = document(one(graph, "s3/bucketPolicy:BucketPolicy", "StorePolicy"), "policy") as {
      Statement: { Effect: string }[];
    };
    expect(Statement.filter(({ Effect }) => Effect === "Allow")).toEqual([
      {
        Effect: "Allow",
        Principal: { AWS: ["210987654321"] },
        Action: ["s3:GetObject"],
        Resource: ["arn:aws:s3:::gatepost-test-storebucket/pictures/*"],
      },
    ]);
  },

  "notes its settings": (graph) => {
    const deployed = document(one(graph, "ssm/parameter:Parameter", "Deployed"), "value");
    const noted = {
      canary: "true",
      rateByAddress: "3000",
      dataEvents: "true",
      sceneDays: "5",
      replica: "eu-central-1",
      pictureReaders: "210987654321",
    };
    expect(deployed).toMatchObject({ settings: noted });
  },
};
