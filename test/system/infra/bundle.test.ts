import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { bundling } from "../../../scripts/synth/build-function.ts";
import { repository } from "../../../scripts/synth/graph.ts";
import { type Stages, synthesised, synthTimeoutMs } from "./stages.ts";

/** Nothing but the three clients and the calls that taking a report makes of them. */
const clientsAlone = `
  export { BatchGetItemCommand, DeleteItemCommand, DynamoDBClient, PutItemCommand, QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
  export { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
  export { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
`;

const clients: Pick<BuildOptions, "stdin"> = {
  stdin: { contents: clientsAlone, resolveDir: join(repository, "packages/aws"), loader: "ts" },
};

const others = ["Api", "ActionSweep", "Alert", "ErasureSweep", "Tally", "BoxSweep", "CheckHeard", "Job", "JobSweep"];

/** Bytes of bundles as SST builds them, including the credential providers that our bundles leave out. */
async function bytesOf(entries: Pick<BuildOptions, "stdin" | "entryPoints">): Promise<number[]> {
  const options = { ...bundling, external: [...bundling.external], ...entries, minify: true };
  const { outputFiles } = await build({ ...options, outdir: "bundles", write: false });
  return outputFiles.map(({ contents }) => contents.length);
}

describe("the bundle of a function that takes reports", () => {
  let stages: Stages;
  beforeAll(async () => {
    stages = await synthesised();
  }, synthTimeoutMs);
  const receivers = () => stages.production.builds.filter(({ component }) => !others.includes(component));

  it("is at most 48.5 % larger than the three SDK clients it uses", async () => {
    const [floor = 0] = await bytesOf(clients);
    for (const { bundleBytes } of receivers()) expect(bundleBytes).toBeLessThanOrEqual(1.485 * floor);
  });

  it("adds little to the bundled clients with all their credential providers", async () => {
    const [floor = 0] = await bytesOf(clients);
    const entryPoints = receivers().map(({ handler }) => join(repository, handler.replace(/handler$/, "ts")));
    const built = await bytesOf({ entryPoints });
    expect(built).toHaveLength(entryPoints.length);
    for (const bytes of built) expect(bytes).toBeLessThanOrEqual(1.707 * floor);
  });

  it("contains the small form of zod alone", () => {
    for (const { sources } of receivers()) {
      expect(sources.filter((file) => file.includes("/zod/v4/mini/"))).not.toEqual([]);
      expect(sources.filter((file) => file.includes("/zod/v4/classic/"))).toEqual([]);
    }
  });

  it("has nothing of the read side in it", () => {
    expect(receivers()).toHaveLength(6);
    for (const { sources } of receivers()) {
      const ofReaders = sources.filter((file) =>
        /^packages\/api\/|\/hono\/|s3-request-presigner|simplewebauthn|otpauth/.test(file),
      );
      expect(ofReaders).toEqual([]);
    }
  });

  it("differs from the API's bundle, which has the read side", () => {
    const api = stages.production.builds.find(({ component }) => component === "Api");
    expect(api?.sources.filter((file) => file.startsWith("packages/api/"))).not.toEqual([]);
  });
});
