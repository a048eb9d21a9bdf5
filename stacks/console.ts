/// <reference path="../.sst/platform/config.d.ts" />
import { existsSync } from "node:fs";
import { join } from "node:path";
import { edgeHeaders } from "../packages/aws/src/lambda/viewer.ts";
import { pageHeaders } from "../packages/console/headers.ts";
import { edgeSecret } from "./api.ts";
import { gateway } from "./ingest.ts";
import { stage } from "./stage.ts";
import { bucket } from "./storage.ts";

/*
 * The console and the API behind one address, so that the page only calls its own server. Boxes may post there, too;
 * their own address is the address of the gateway.
 */

const built = "packages/console/dist";
if (!existsSync(join(process.cwd(), built, "index.html"))) {
  throw new Error("the console is not built: run npm ci with the development dependencies, or npm run prepare");
}

/** Managed cache policies of CloudFront: CachingDisabled, and CachingOptimized for files that never change. */
const keepsNothing = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const keepsAssets = "658327ea-f89d-4fab-a63d-7e88639e58f6";

const headers = bucket.nodes.bucket.bucketRegionalDomainName.apply((pictures) => pageHeaders(`https://${pictures}`));

/** Headers that the API sets itself are kept: /docs has its own content security policy. */
const headersPolicy = new aws.cloudfront.ResponseHeadersPolicy("ConsoleHeaders", {
  name: `${$app.name}-${$app.stage}-console`,
  securityHeadersConfig: {
    contentSecurityPolicy: {
      contentSecurityPolicy: headers.apply((all) => all["content-security-policy"]),
      override: false,
    },
    contentTypeOptions: { override: false },
    referrerPolicy: { referrerPolicy: headers.apply((all) => all["referrer-policy"]), override: false },
    strictTransportSecurity: { accessControlMaxAgeSec: 31_536_000, override: false },
  },
  customHeadersConfig: {
    items: [
      {
        header: "cross-origin-opener-policy",
        value: headers.apply((all) => all["cross-origin-opener-policy"]),
        override: false,
      },
    ],
  },
});

/**
 * Everything goes to the gateway except GET and HEAD of the page and its files, as on one machine; at the root, a query
 * with a token is of a box that checks its key. The gateway only
 * sees the address of CloudFront, so headers tell it the address of the client, and the host
 * that it asked for.
 */
const toGateway = edgeSecret.base64.apply(
  (secret) => `
  var request = event.request;
  var isLook = request.method === "GET" || request.method === "HEAD";
  var isRoot = request.uri === "/" && request.querystring.token === undefined;
  if (!isLook || !(isRoot || request.uri === "/sw.js" || request.uri.startsWith("/assets/"))) {
    request.uri = "/gateway" + request.uri;
    request.headers["${edgeHeaders.secret}"] = { value: "${secret}" };
    request.headers["${edgeHeaders.viewer}"] = { value: event.viewer.ip };
    request.headers["${edgeHeaders.host}"] = { value: request.headers.host.value };
  }
`,
);

/** A firewall with a rate and without AWS's own rules, which would refuse reports for their size and content. */
function limitedBy(rateLimitPerIp: number) {
  return { rateLimitPerIp, managedRules: { coreRuleSet: false, knownBadInputs: false, sqlInjection: false } };
}

export const router = new sst.aws.Router("Router", {
  ...(stage.consoleDomain === undefined ? {} : { domain: stage.consoleDomain }),
  ...(stage.rateByAddress === undefined ? {} : { waf: limitedBy(stage.rateByAddress) }),
  edge: { viewerRequest: { injection: toGateway } },
  transform: {
    cdn: (args) => {
      const all = $output(args.defaultCacheBehavior).apply((behavior) => ({
        ...behavior,
        // Answers of the API are for the client that asked.
        cachePolicyId: keepsNothing,
        responseHeadersPolicyId: headersPolicy.id,
      }));
      args.defaultCacheBehavior = all;
      args.orderedCacheBehaviors = all.apply((behavior) => [
        { ...behavior, pathPattern: "/assets/*", cachePolicyId: keepsAssets },
      ]);
    },
  },
});

router.route("/gateway", gateway.url, { rewrite: { regex: "^/gateway", to: "" }, readTimeout: "30 seconds" });

new sst.aws.StaticSite("Console", {
  path: built,
  router: { instance: router },
  // A page that was opened before a deploy still loads its own parts.
  assets: {
    purge: false,
    fileOptions: [
      { files: "**", cacheControl: "no-cache" },
      { files: "sw.js", cacheControl: "no-store" },
      { files: "assets/*-????????.{js,css}", cacheControl: "public, max-age=31536000, immutable" },
      { files: "**/*.webmanifest", cacheControl: "no-cache", contentType: "application/manifest+json" },
    ],
  },
  invalidation: false,
  transform: { assets: { cors: false } },
});
