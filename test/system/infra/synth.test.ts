import { globSync, readFileSync } from "node:fs";
import { appendFile, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { basisOf, deploymentVariables, isFresh } from "../../../scripts/synth/freshness.ts";
import { repository } from "../../../scripts/synth/graph.ts";
import {
  all,
  copyOfStacks,
  document,
  type Graph,
  one,
  readable,
  statementsOf,
  synth,
  synthTimeoutMs,
  upToDate,
} from "./stages.ts";

describe("the synth", () => {
  let root: string;
  beforeAll(async () => {
    await upToDate("test");
  }, synthTimeoutMs);
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "gatepost-synth-"));
  });
  afterEach(() => rm(root, { recursive: true }));

  it("is made once of the same sources", async () => {
    expect(await synth(["--stage", "test"])).toBe("synth test: unchanged\n");
  });

  it("is made anew when one of its files changes or is removed", async () => {
    const source = join(root, "source.ts");
    await writeFile(source, "1");
    await writeFile(join(root, "basis.json"), JSON.stringify(basisOf([relative(repository, source)])));
    expect(isFresh(root)).toBe(true);
    await writeFile(source, "2");
    expect(isFresh(root)).toBe(false);
    await rm(source);
    expect(isFresh(root)).toBe(false);
  });

  it("is made anew when a variable of the stacks changes", async () => {
    await writeFile(join(root, "basis.json"), JSON.stringify(basisOf(["sst.config.ts"])));
    const files = globSync(["sst.config.ts", "stacks/*.ts"], { cwd: repository });
    const texts = files.map((file) => readFileSync(join(repository, file), "utf8"));
    const names = new Set(texts.flatMap((text) => text.match(/\bGATEPOST_[A-Z_]*[A-Z]\b/g) ?? []));
    // The other variables are those that functions get.
    const others = [...names].filter((name) => !deploymentVariables.has(name));
    expect(others.filter((name) => !texts.some((text) => text.includes(`${name}: `)))).toEqual([]);
    const read = [...names].filter((name) => deploymentVariables.has(name));
    expect(read.toSorted()).toEqual([...deploymentVariables].toSorted());
    for (const name of read) {
      vi.stubEnv(name, "1");
      expect({ name, isFresh: isFresh(root) }).toEqual({ name, isFresh: false });
      vi.unstubAllEnvs();
      expect(isFresh(root)).toBe(true);
    }
  });

  it("fails for a missing handler file, and for a missing export", async () => {
    await copyOfStacks(root);
    const functions = join(root, "functions");
    await rm(functions);
    await mkdir(functions);
    await cp(join(repository, "functions"), functions, { recursive: true });
    await rm(join(functions, "live-event.ts"));
    await writeFile(join(functions, "any-event.ts"), "export const handle = () => {};");
    const failing = synth(["--shallow", "--root", root, "--out", join(root, "synth")]);
    await expect(failing).rejects.toThrow(/Handler not found: functions\/live-event\.handler/);
    await expect(failing).rejects.toThrow(/functions\/any-event\.handler: there is no such export/);
  });

  it("fails for an import at the top of sst.config.ts, as SST does", async () => {
    await copyOfStacks(root);
    await appendFile(join(root, "sst.config.ts"), 'import { stage } from "./stacks/stage.ts"; void stage;');
    await expect(synth(["--shallow", "--root", root, "--out", join(root, "synth")])).rejects.toThrow(
      /must not have imports/,
    );
  });

  it("takes the stage of this machine for development, from wherever it is called", async () => {
    await copyOfStacks(root);
    await mkdir(join(root, ".sst"));
    await writeFile(join(root, ".sst/stage"), "anna\n");
    const out = join(root, "synth");
    const said = await synth(["--shallow", "--stage", "anna", "--root", root, "--out", out]);
    expect(said).toContain("anna is a development stage: sst remove deletes all of it");
    expect(readable(out).app).toMatchObject({ removal: "remove", protect: false });
  });

  it("refuses a deploy that the command of deploys has not planned", async () => {
    const out = join(root, "synth");
    const failing = synth(["--shallow", "--stage", "test", "--out", out], { GATEPOST_DEPLOY: "" });
    await expect(failing).rejects.toThrow(/deploy by npm run deploy -- --stage test: it compares the settings/);
  });

  it("reads the settings of the stage in stages.json", async () => {
    await copyOfStacks(root);
    const mails = { alarms: "ops@example.org", pager: "night@example.org" };
    const settings = { region: "eu-central-1", domain: "gate.example.org", sceneDays: 5, ...mails };
    await writeFile(join(root, "stages.json"), JSON.stringify({ stages: { test: settings } }));
    const out = join(root, "synth");
    await synth(["--shallow", "--stage", "test", "--root", root, "--out", out], { GATEPOST_DOMAIN: "b.example.org" });
    const graph = readable(out);
    expect(graph.app["providers"]).toMatchObject({ aws: { region: "eu-central-1" } });
    expect(graph.outputs["url"]).toBe("https://b.example.org");
    const mailed = (name: string) => one(graph, "sns/topicSubscription:TopicSubscription", name).inputs["endpoint"];
    expect([mailed("AlarmsByMail"), mailed("PagerByMail")]).toEqual(Object.values(mails));
    const topics = ["Alarms", "Pager"].map((topic) =>
      expect.stringMatching(new RegExp(`:gatepost-test-${topic}Topic$`)),
    );
    for (const { inputs } of all(graph, "cloudwatch/compositeAlarm:CompositeAlarm"))
      expect([inputs["alarmActions"], inputs["okActions"]]).toEqual([topics, topics]);
    const lifecycle = one(graph, "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "StoreLifecycle");
    // A day longer than scenes are shown. The longer rule counts for pictures without that tag.
    expect(lifecycle.inputs["rules"]).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          filter: { and: { prefix: "pictures/", tags: { kept: "scene" } } },
          expiration: { days: 6 },
        }),
        expect.objectContaining({ filter: { prefix: "pictures/" }, expiration: { days: 8 } }),
      ]),
    );
    for (const { inputs } of all(graph, "lambda/function:Function"))
      expect(inputs["environment"]).toMatchObject({ variables: { GATEPOST_SCENE_DAYS: "5" } });
    expect(graph.outputs["stage"]).toContain("events are kept 7 days, scenes 5;");
    const deployed = document(one(graph, "ssm/parameter:Parameter", "Deployed"), "value");
    expect(deployed).toMatchObject({ settings: { region: "eu-central-1", domain: "b.example.org", kms: "false" } });
  });

  it("copies encrypted pictures by a key of each region, and keeps the copy private later", async () => {
    await copyOfStacks(root);
    const settings = { region: "eu-west-1", kms: true, replica: "eu-central-1" };
    await writeFile(join(root, "stages.json"), JSON.stringify({ stages: { production: settings } }));
    const out = join(root, "synth");
    await synth(["--shallow", "--stage", "production", "--root", root, "--out", out]);
    const graph = readable(out);
    const key = one(graph, "kms/key:Key", "ReplicaKey");
    expect(key).toMatchObject({ retainOnDelete: true, inputs: { region: "eu-central-1", enableKeyRotation: true } });
    expect(key.inputs["policy"]).toContain('"kms:ViaService":["s3.eu-central-1.amazonaws.com"]');
    const replicaKmsKeyId = "arn:aws:kms:eu-west-1:123456789012:key/ReplicaKey";
    const { rules } = one(graph, "s3/bucketReplicationConfig:BucketReplicationConfig", "StoreReplication").inputs;
    for (const rule of rules as object[])
      expect(rule).toMatchObject({
        sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
        destination: { encryptionConfiguration: { replicaKmsKeyId } },
      });
    const encryption = "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
    expect(one(graph, encryption, "ReplicaEncryption").inputs["rules"]).toMatchObject([
      { applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: replicaKmsKeyId } },
    ]);
    expect(one(graph, "s3/bucket:Bucket", "ReplicaBucket")).toMatchObject({
      retainOnDelete: true,
      inputs: { forceDestroy: false },
    });
    const staying = [
      ["s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "ReplicaLifecycle"],
      ["s3/bucketPolicy:BucketPolicy", "ReplicaPolicy"],
      ["s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "ReplicaPublicAccessBlock"],
    ] as const;
    for (const [type, name] of staying) expect(one(graph, type, name).retainOnDelete, name).toBe(true);
  });

  it("fails if the variable of accounts is invalid", async () => {
    const out = join(root, "synth");
    const failing = synth(["--shallow", "--stage", "test", "--out", out], { GATEPOST_ACCOUNT_IDS: "prod" });
    await expect(failing).rejects.toThrow(/GATEPOST_ACCOUNT_IDS: "prod" is not the id of an account/);
  });
});

describe("a stage with all that the environment can ask for", () => {
  const settings = {
    GATEPOST_ACCOUNT_IDS: "123456789012",
    GATEPOST_RESERVED: "api=50,any-event=20",
    GATEPOST_XRAY: "1",
    GATEPOST_KMS: "1",
    GATEPOST_BUDGET_USD: "250",
    GATEPOST_ALARM_EMAIL: "ops@example.com",
    GATEPOST_DOMAIN: "gate.example.com",
    GATEPOST_NO_SUBSCRIBERS: "1",
    GATEPOST_OIDC_ISSUER: "https://login.example.com",
    GATEPOST_OIDC_CLIENT_ID: "gatepost",
    SST_SECRET_OidcClientSecret: "a secret",
  };
  let said: string;
  let graph: Graph;
  beforeAll(async () => {
    const out = await mkdtemp(join(tmpdir(), "gatepost-synth-"));
    said = await synth(["--shallow", "--stage", "prod", "--out", out], settings);
    graph = readable(out);
    await rm(out, { recursive: true });
  }, synthTimeoutMs);

  it("is production, with a notice, if its name is not given", () => {
    expect(graph.app).toMatchObject({ removal: "retain", protect: true });
    expect(graph.app["providers"]).toMatchObject({ aws: { allowedAccountIds: ["123456789012"] } });
    const table = one(graph, "dynamodb/table:Table", "EventsTable");
    expect(table).toMatchObject({ retainOnDelete: true, inputs: { deletionProtectionEnabled: true } });
    expect(one(graph, "s3/bucket:Bucket", "StoreBucket").inputs["forceDestroy"]).toBe(false);
    expect(one(graph, "apigatewayv2/stage:Stage", "GatewayStage").inputs["defaultRouteSettings"]).toMatchObject({
      throttlingRateLimit: 2000,
    });
    for (const { inputs } of all(graph, "lambda/function:Function"))
      expect(inputs["environment"]).toMatchObject({ variables: { GATEPOST_RETENTION_DAYS: "90" } });
    const words = "prod is a production stage; events are kept 90 days";
    expect(said).toContain(words);
    expect(graph.outputs["stage"]).toContain(words);
  });

  it("gives the API alone the provider of the company", () => {
    const variables = all(graph, "lambda/function:Function").flatMap(({ name, inputs }) =>
      JSON.stringify(inputs["environment"]).includes("GATEPOST_OIDC_CLIENT_SECRET") ? name : [],
    );
    expect(variables).toEqual([expect.stringMatching(/^Api/)]);
  });

  it("gives the functions that notify browsers the mail of alarms as contact", () => {
    const named = all(graph, "lambda/function:Function").flatMap(({ name, inputs }) =>
      JSON.stringify(inputs["environment"]).includes('"GATEPOST_CONTACT":"ops@example.com"') ? name : [],
    );
    expect(named.toSorted()).toEqual(["AlertFunction", "ApiFunction"]);
  });

  it("has no unread alarm for a queue without a consumer", () => {
    const alarms = all(graph, "cloudwatch/metricAlarm:MetricAlarm").map(({ name }) => name);
    expect(alarms).toContain("actions-left");
    expect(alarms).not.toContain("actions-unread");
  });

  it("has concurrency, tracing, encryption and a budget by the environment", () => {
    expect(said).toContain("a key of its own, traced, a budget of $250");
    const lambdas = all(graph, "lambda/function:Function");
    const reserved = lambdas.map(({ parent, inputs }) => [parent, inputs["reservedConcurrentExecutions"]]);
    expect(reserved.filter(([, count]) => count !== undefined).sort()).toEqual([
      ["AnyEvent", 20],
      ["Api", 50],
    ]);
    const traced = { Effect: "Allow", Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource: ["*"] };
    for (const { parent, inputs } of lambdas) {
      expect(inputs["tracingConfig"]).toEqual({ mode: "Active" });
      expect(statementsOf(graph, `${parent}Role`)).toContainEqual(traced);
    }
    const key = "arn:aws:kms:eu-west-1:123456789012:key/DataKey";
    expect(one(graph, "dynamodb/table:Table", "EventsTable").inputs["serverSideEncryption"]).toEqual({
      enabled: true,
      kmsKeyArn: key,
    });
    const encryption = "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
    expect(one(graph, encryption, "StoreEncryption").inputs["rules"]).toEqual([
      { applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key }, bucketKeyEnabled: true },
    ]);
    const made = one(graph, "kms/key:Key", "DataKey");
    expect(made).toMatchObject({ retainOnDelete: true, inputs: { enableKeyRotation: true } });
    const { Statement } = document(made, "policy") as { Statement: unknown[] };
    expect(Statement).toEqual([
      expect.objectContaining({ Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "kms:*" }),
      expect.objectContaining({
        Principal: { AWS: "*" },
        Condition: {
          StringEquals: {
            "kms:CallerAccount": "123456789012",
            "kms:ViaService": ["dynamodb.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"],
          },
        },
      }),
    ]);
    const { inputs } = one(graph, "budgets/budget:Budget", "Budget");
    expect(inputs).toMatchObject({ budgetType: "COST", timeUnit: "MONTHLY", limitAmount: "250", limitUnit: "USD" });
    const told = (inputs["notifications"] as object[]).map((notification) => ({ ...notification }));
    expect(told).toEqual([
      expect.objectContaining({ notificationType: "FORECASTED", threshold: 100 }),
      expect.objectContaining({ notificationType: "ACTUAL", threshold: 80 }),
    ]);
    for (const one of told) expect(one).toMatchObject({ subscriberEmailAddresses: ["ops@example.com"] });
  });

  it("has a domain and an address for alarms by the environment", () => {
    expect(one(graph, "apigatewayv2/domainName:DomainName", "GatewayDomainName").inputs).toMatchObject({
      domainName: "gate.example.com",
      domainNameConfiguration: { securityPolicy: "TLS_1_2" },
    });
    expect(graph.outputs["url"]).toBe("https://gate.example.com");
    expect(one(graph, "sns/topicSubscription:TopicSubscription", "AlarmsByMail").inputs).toMatchObject({
      protocol: "email",
      endpoint: "ops@example.com",
      topic: "arn:aws:sns:eu-west-1:123456789012:gatepost-prod-AlarmsTopic",
    });
  });
});
