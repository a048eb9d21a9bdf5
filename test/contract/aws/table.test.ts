import { tableShape } from "@gatepost/aws";
import { describe, expect, it } from "vitest";

describe("the table", () => {
  it("is keyed as docs/architecture.md says, its indexes by keys alone", () => {
    const index = (IndexName: string, hash: string, range: string) => ({
      IndexName,
      KeySchema: [
        { AttributeName: hash, KeyType: "HASH" },
        { AttributeName: range, KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    });
    expect(tableShape).toEqual({
      AttributeDefinitions: [
        ...["pk", "byTime", "at", "byBox", "byPerson", "byChange", "changed", "a_1001", "t_1001", "a_1002", "t_1002"],
        ...["awaited", "awaitedAt", "v_1001", "v_1002"],
        ...["byPicture"],
      ].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      GlobalSecondaryIndexes: [
        index("byTime", "byTime", "at"),
        index("byBox", "byBox", "at"),
        index("byPerson", "byPerson", "at"),
        index("changes", "byChange", "changed"),
        index("actions1001", "a_1001", "t_1001"),
        index("actions1002", "a_1002", "t_1002"),
        index("awaited", "awaited", "awaitedAt"),
        index("ordered1001", "v_1001", "t_1001"),
        index("ordered1002", "v_1002", "t_1002"),
        index("byPicture", "byPicture", "pk"),
      ],
      BillingMode: "PAY_PER_REQUEST",
    });
  });
});
