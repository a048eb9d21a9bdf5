import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { all, copyOfStacks, document, type Graph, one, readable, synth, synthTimeoutMs } from "./stages.ts";

describe("a deployment that limits addresses and notes who reads pictures", () => {
  let graph: Graph;
  beforeAll(async () => {
    const root = await mkdtemp(join(tmpdir(), "gatepost-guarded-"));
    try {
      await copyOfStacks(root);
      const settings = { rateByAddress: 3000, dataEvents: true };
      await writeFile(join(root, "stages.json"), JSON.stringify({ stages: { test: settings } }));
      const out = join(root, "synth");
      await synth(["--shallow", "--stage", "test", "--root", root, "--out", out]);
      graph = readable(out);
    } finally {
      await rm(root, { recursive: true });
    }
  }, synthTimeoutMs);

  it("blocks an address beyond its rate, and no request for its content", () => {
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
  });

  it("notes each read and write of a picture in a bucket of CloudTrail", () => {
    const { inputs } = one(graph, "cloudtrail/trail:Trail", "PictureTrail");
    expect(inputs["advancedEventSelectors"]).toMatchObject([
      {
        fieldSelectors: [
          { field: "eventCategory", equals: ["Data"] },
          { field: "resources.type", equals: ["AWS::S3::Object"] },
          { field: "resources.ARN", startsWiths: ["arn:aws:s3:::gatepost-test-storebucket/"] },
        ],
      },
    ]);
    const policy = all(graph, "s3/bucketPolicy:BucketPolicy").find(({ parent }) => parent === "Trail");
    const { Statement } = (policy && document(policy, "policy")) as { Statement: { Effect: string }[] };
    const arn = "arn:aws:cloudtrail:eu-west-1:123456789012:trail/gatepost-test-pictures";
    const allowed = Statement.filter(({ Effect }) => Effect === "Allow");
    expect(allowed).toHaveLength(2);
    for (const statement of allowed)
      expect(statement).toMatchObject({
        Principal: { Service: ["cloudtrail.amazonaws.com"] },
        Condition: { StringEquals: { "aws:SourceArn": [arn] } },
      });
  });

  it("notes both settings", () => {
    const deployed = document(one(graph, "ssm/parameter:Parameter", "Deployed"), "value");
    expect(deployed).toMatchObject({ settings: { rateByAddress: "3000", dataEvents: "true" } });
  });
});
