import { compileFunction } from "node:vm";
import { pageHeaders } from "@gatepost/console/headers";
import { expect } from "vitest";
import { edgeHeaders } from "../../../../packages/aws/src/lambda/viewer.ts";
import { all, type Graph, one } from "../stages.ts";
import type { Checks } from "./check.ts";

interface Behaviour {
  cachePolicyId: string;
  originRequestPolicyId: string;
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
const allHeadersButHost = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

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

  "the page may ask its own server, show the bucket's pictures, and nothing else": ({ test }) => {
    const { inputs } = one(test, "cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", "ConsoleHeaders");
    const bucket = "gatepost-test-storebucket";
    const sent = inputs["securityHeadersConfig"] as { contentSecurityPolicy: { contentSecurityPolicy: string } };
    const directives = sent.contentSecurityPolicy.contentSecurityPolicy.split("; ");
    expect(directives).toHaveLength(pageHeaders()["content-security-policy"].split("; ").length);
    expect(directives).toContain("connect-src 'self'");
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

  "the API is told who asked the distribution, by a secret that nothing else has": ({ test, production }) => {
    for (const graph of [test, production]) {
      const { defaultCacheBehavior } = distribution(graph);
      expect(defaultCacheBehavior).toMatchObject({ originRequestPolicyId: allHeadersButHost });
      const secret = Buffer.alloc(24, 7).toString("base64");
      const [way] = all(graph, "cloudfront/function:Function");
      const code = String(way?.inputs["code"]);
      expect(code).toContain(`request.headers["${edgeHeaders.secret}"] = { value: "${secret}" };`);
      expect(code).toContain(`request.headers["${edgeHeaders.viewer}"] = { value: event.viewer.ip };`);
      const told = all(graph, "lambda/function:Function").filter(({ inputs }) => {
        const { variables } = inputs["environment"] as { variables: Record<string, string> };
        return Object.values(variables).includes(secret);
      });
      expect(told.map(({ parent }) => parent)).toEqual(["Api"]);
    }
  },

  "the page opens with any query but the token of a box": ({ test, production }) => {
    for (const graph of [test, production]) {
      const [way] = all(graph, "cloudfront/function:Function");
      const [, isRoot = ""] = /var isRoot = (.*);/.exec(String(way?.inputs["code"])) ?? [];
      const opens = (uri: string, querystring = {}) =>
        compileFunction(`return ${isRoot};`, ["request"])({ uri, querystring });
      expect([opens("/"), opens("/", { from: { value: "2026-01-01" } })]).toEqual([true, true]);
      expect([opens("/", { token: { value: "gpi_nothing" } }), opens("/v1")]).toEqual([false, false]);
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
