import { pageHeaders } from "@gatepost/console/headers";
import { expect } from "vitest";
import { all, type Graph, one } from "../stages.ts";
import type { Checks } from "./check.ts";

interface Behaviour {
  cachePolicyId: string;
  responseHeadersPolicyId: string;
  viewerProtocolPolicy: string;
  pathPattern?: string;
}

const distribution = (graph: Graph) =>
  one(graph, "cloudfront/distribution:Distribution", "RouterCdnDistribution").inputs as unknown as {
    defaultCacheBehavior: Behaviour;
    orderedCacheBehaviors: Behaviour[];
  };

/** AWS's own policies. */
const cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6";

export const consoleChecks: Checks = {
  "no answer of the API is kept for somebody else, and the page's own files are": ({ test, production }) => {
    for (const graph of [test, production]) {
      const { defaultCacheBehavior, orderedCacheBehaviors } = distribution(graph);
      expect(defaultCacheBehavior).toMatchObject({ cachePolicyId: cachingDisabled });
      expect(orderedCacheBehaviors).toMatchObject([{ pathPattern: "/assets/*", cachePolicyId: cachingOptimized }]);
      for (const { viewerProtocolPolicy } of [defaultCacheBehavior, ...orderedCacheBehaviors]) {
        expect(viewerProtocolPolicy).toBe("redirect-to-https");
      }
    }
  },

  "the page may ask its own server, the live feed and the bucket, and nobody else": ({ test }) => {
    const { inputs } = one(test, "cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", "ConsoleHeaders");
    const bucket = "gatepost-test-storebucket";
    const sent = inputs["securityHeadersConfig"] as { contentSecurityPolicy: { contentSecurityPolicy: string } };
    const directives = sent.contentSecurityPolicy.contentSecurityPolicy.split("; ");
    expect(directives).toHaveLength(pageHeaders()["content-security-policy"].split("; ").length);
    expect(directives).toContainEqual(
      expect.stringMatching(/^connect-src 'self' wss:\/\/[\w-]+\.execute-api\.eu-west-1\.amazonaws\.com$/),
    );
    expect(directives).toContainEqual(
      expect.stringMatching(
        new RegExp(`^img-src 'self' blob: https://${bucket}[\\w-]*\\.s3\\.eu-west-1\\.amazonaws\\.com$`),
      ),
    );
    for (const { responseHeadersPolicyId } of [
      distribution(test).defaultCacheBehavior,
      ...distribution(test).orderedCacheBehaviors,
    ]) {
      expect(responseHeadersPolicyId).toBe("ConsoleHeaders-id");
    }
  },

  "the page's files are private, and CloudFront alone reads them": ({ test, production }) => {
    for (const graph of [test, production]) {
      expect(
        one(graph, "s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "ConsoleAssetsPublicAccessBlock").inputs,
      ).toMatchObject({ blockPublicAcls: true, blockPublicPolicy: true, restrictPublicBuckets: true });
      const { policy } = one(graph, "s3/bucketPolicy:BucketPolicy", "ConsoleAssetsPolicy").inputs;
      const { Statement } = JSON.parse(String(policy)) as { Statement: { Effect: string; Principal: unknown }[] };
      expect(Statement.filter(({ Effect }) => Effect === "Allow")).toMatchObject([
        { Principal: { Service: ["cloudfront.amazonaws.com"] }, Action: ["s3:GetObject"] },
      ]);
    }
  },

  "one distribution is in front, with one function that finds the way": ({ test, production }) => {
    for (const graph of [test, production]) {
      expect(all(graph, "cloudfront/distribution:Distribution")).toHaveLength(1);
      const [way] = all(graph, "cloudfront/function:Function");
      // CloudFront takes functions of 10 KB.
      expect(Buffer.byteLength(String(way?.inputs["code"]))).toBeLessThan(10 * 1024);
    }
  },
};
