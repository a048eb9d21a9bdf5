import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

/*
 * The one table. Its rows are events, quarantine records, keys and a few counts. Each has its own `pk`, which is as
 * good as random. The indexes contain only keys; docs/architecture.md says how they are sharded and why.
 */

/** The attribute by which DynamoDB removes expired rows: seconds since 1970. */
export const expiryAttribute = "ttl";

/** The attributes that each index is keyed by. A row without both is not in the index. */
export const indexKeys = {
  byTime: { hash: "byTime", range: "at" },
  byBox: { hash: "byBox", range: "at" },
  byPerson: { hash: "byPerson", range: "at" },
  changes: { hash: "byChange", range: "changed" },
  actions1001: { hash: "a_1001", range: "t_1001" },
  actions1002: { hash: "a_1002", range: "t_1002" },
  awaited: { hash: "awaited", range: "awaitedAt" },
  ordered1001: { hash: "v_1001", range: "t_1001" },
  ordered1002: { hash: "v_1002", range: "t_1002" },
  byPicture: { hash: "byPicture", range: "pk" },
} as const;

export type IndexName = keyof typeof indexKeys;

const keyAttributes = new Set(["pk", ...Object.values(indexKeys).flatMap(({ hash, range }) => [hash, range])]);

/** The table without its name. A test compares it with the deployed table. */
export const tableShape = {
  AttributeDefinitions: [...keyAttributes].map((name) => ({ AttributeName: name, AttributeType: "S" as const })),
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
  GlobalSecondaryIndexes: Object.entries(indexKeys).map(([name, { hash, range }]) => ({
    IndexName: name,
    KeySchema: [
      { AttributeName: hash, KeyType: "HASH" as const },
      { AttributeName: range, KeyType: "RANGE" as const },
    ],
    Projection: { ProjectionType: "KEYS_ONLY" as const },
  })),
  BillingMode: "PAY_PER_REQUEST",
} satisfies Omit<CreateTableCommandInput, "TableName">;
