import { expiryAttribute, tableShape } from "@gatepost/aws";
import { expect } from "vitest";
import { all, document, type Graph, one } from "../stages.ts";
import type { Checks } from "./check.ts";

interface TableInputs {
  attributes: { name: string; type: string }[];
  hashKey: string;
  rangeKey?: string;
  globalSecondaryIndexes: { name: string; hashKey: string; rangeKey: string; projectionType: string }[];
}

const tableOf = (graph: Graph) => one(graph, "dynamodb/table:Table", "EventsTable");
const shapeOf = (graph: Graph) => tableOf(graph).inputs as unknown as TableInputs;

export const storageChecks: Checks = {
  "the table has just the keys and indexes that its adapters are written for": ({ test }) => {
    const { attributes, hashKey, rangeKey, globalSecondaryIndexes } = shapeOf(test);
    expect(rangeKey).toBeUndefined();
    expect({
      AttributeDefinitions: attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
      KeySchema: [{ AttributeName: hashKey, KeyType: "HASH" }],
      GlobalSecondaryIndexes: globalSecondaryIndexes.map((index) => ({
        IndexName: index.name,
        KeySchema: [
          { AttributeName: index.hashKey, KeyType: "HASH" },
          { AttributeName: index.rangeKey, KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: index.projectionType },
      })),
      BillingMode: tableOf(test).inputs["billingMode"],
    }).toEqual({ ...tableShape, AttributeDefinitions: expect.toSatisfy(sameNames(tableShape.AttributeDefinitions)) });
  },

  "the table has these ten indexes": ({ test }) => {
    const keys = shapeOf(test).globalSecondaryIndexes.map((index) => [index.name, index.hashKey, index.rangeKey]);
    expect(keys).toEqual([
      ["byTime", "byTime", "at"],
      ["byBox", "byBox", "at"],
      ["byPerson", "byPerson", "at"],
      ["changes", "byChange", "changed"],
      ["actions1001", "a_1001", "t_1001"],
      ["actions1002", "a_1002", "t_1002"],
      ["awaited", "awaited", "awaitedAt"],
      ["ordered1001", "v_1001", "t_1001"],
      ["ordered1002", "v_1002", "t_1002"],
      ["byPicture", "byPicture", "pk"],
    ]);
  },

  "just the attributes that are keys are declared, else DynamoDB refuses the table": ({ test, production }) => {
    for (const graph of [test, production]) {
      const { attributes, hashKey, globalSecondaryIndexes } = shapeOf(graph);
      const used = [hashKey, ...globalSecondaryIndexes.flatMap((index) => [index.hashKey, index.rangeKey])];
      expect(attributes.map(({ name }) => name).sort()).toEqual([...new Set(used)].sort());
    }
  },

  "a deploy waits a day for a new index of a large table": ({ test, production }) => {
    for (const graph of [test, production]) expect(tableOf(graph).customTimeouts).toEqual({ update: "24h" });
  },

  "expired rows are removed": ({ test, production }) => {
    for (const graph of [test, production]) {
      expect(tableOf(graph).inputs["ttl"]).toEqual({ attributeName: "ttl", enabled: true });
      expect(expiryAttribute).toBe("ttl");
    }
  },

  "the table is paid by use, can be restored to any minute, and tells its changes": ({ test, production }) => {
    for (const graph of [test, production]) {
      expect(tableOf(graph).inputs).toMatchObject({
        billingMode: "PAY_PER_REQUEST",
        pointInTimeRecovery: { enabled: true },
        streamEnabled: true,
        streamViewType: "NEW_AND_OLD_IMAGES",
      });
    }
  },

  "in production table and bucket survive their stack, and the stack cannot be removed": ({ test, production }) => {
    expect(production.app).toMatchObject({ removal: "retain", protect: true });
    expect(tableOf(production)).toMatchObject({ retainOnDelete: true, inputs: { deletionProtectionEnabled: true } });
    const bucket = (graph: Graph) => one(graph, "s3/bucket:Bucket", "StoreBucket");
    expect(bucket(production)).toMatchObject({ retainOnDelete: true, inputs: { forceDestroy: false } });
    expect(test.app).toMatchObject({ removal: "remove", protect: false });
    expect(tableOf(test)).toMatchObject({ retainOnDelete: false, inputs: { deletionProtectionEnabled: false } });
  },

  "the bucket is private": ({ test, production }) => {
    for (const graph of [test, production]) {
      expect(
        one(graph, "s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "StorePublicAccessBlock").inputs,
      ).toMatchObject({
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      });
      const { inputs } = one(graph, "s3/bucketOwnershipControls:BucketOwnershipControls", "StoreOwnership");
      expect(inputs["rule"]).toEqual({ objectOwnership: "BucketOwnerEnforced" });
    }
  },

  "the bucket is encrypted, and reached over HTTPS alone": ({ test }) => {
    const encryption = one(
      test,
      "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      "StoreEncryption",
    );
    expect(encryption.inputs["rules"]).toEqual([{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }]);
    expect(document(one(test, "s3/bucketPolicy:BucketPolicy", "StorePolicy"), "policy")).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Deny",
          Principal: "*",
          Action: ["s3:*"],
          Resource: ["arn:aws:s3:::gatepost-test-storebucket", "arn:aws:s3:::gatepost-test-storebucket/*"],
          Condition: { Bool: { "aws:SecureTransport": ["false"] } },
        },
      ],
    });
  },

  "what is erased from the bucket is gone: it has no versions": ({ test, production }) => {
    for (const graph of [test, production]) expect(all(graph, "s3/bucketVersioning:BucketVersioning")).toEqual([]);
  },

  "no page elsewhere may read the bucket from a browser": ({ test, production }) => {
    for (const graph of [test, production])
      expect(all(graph, "s3/bucketCorsConfiguration:BucketCorsConfiguration")).toEqual([]);
  },

  "objects are removed by prefix, registered pictures a month later": ({ test, production }) => {
    expect(lifecycle(test)).toEqual({ "pictures/": 8, "registered/": 38, "quarantine/": 8, "exports/": 2 });
    expect(lifecycle(production)).toEqual({ "pictures/": 91, "registered/": 121, "quarantine/": 91, "exports/": 2 });
  },

  "what was written of an export that never ended is removed, too": ({ test, production }) => {
    for (const graph of [test, production]) {
      const { inputs } = one(graph, "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "StoreLifecycle");
      expect(inputs["rules"]).toContainEqual({
        id: "unfinished-exports",
        status: "Enabled",
        filter: { prefix: "exports/" },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
      });
    }
  },

  "the functions and the bucket agree on how long events and quarantine are kept": ({ test, production }) => {
    for (const [graph, days] of [
      [test, 7],
      [production, 90],
    ] as const) {
      // An object is never gone before its row has expired.
      expect(lifecycle(graph)).toMatchObject({ "pictures/": days + 1, "quarantine/": days + 1 });
      // Scenes end with their events, unless a stage sets fewer days.
      const rules = one(graph, "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "StoreLifecycle");
      expect(JSON.stringify(rules.inputs)).not.toContain('"scenes"');
      for (const { inputs } of all(graph, "lambda/function:Function")) {
        expect(inputs["environment"]).toMatchObject({ variables: { GATEPOST_RETENTION_DAYS: `${days}` } });
      }
    }
  },
};

const sameNames =
  (expected: { AttributeName: string; AttributeType: string }[]) => (given: { AttributeName: string }[]) =>
    JSON.stringify(given.toSorted(byName)) === JSON.stringify(expected.toSorted(byName));

const byName = (one: { AttributeName: string }, other: { AttributeName: string }) =>
  one.AttributeName < other.AttributeName ? -1 : 1;

function lifecycle(graph: Graph): Record<string, number> {
  const { rules } = one(graph, "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "StoreLifecycle").inputs;
  const enabled = (rules as { status: string; filter: { prefix: string }; expiration?: { days: number } }[]).filter(
    ({ status }) => status === "Enabled",
  );
  const expiring = enabled.flatMap(({ filter, expiration }) =>
    expiration === undefined ? [] : [[filter.prefix, expiration.days] as const],
  );
  return Object.fromEntries(expiring);
}
