import { expect, it, onTestFinished, vi } from "vitest";
import { S3ShipStore } from "../../../packages/cli/src/backup/s3.ts";
import { listen } from "../../standins/listen.ts";

it("lists all objects of a prefix over several pages, by their names below the prefix", async () => {
  const pages = [["gate/parts/1", "gate/parts/2"], ["gate/parts/3"], ["gate/parts/4"]];
  const asked: (string | null)[][] = [];
  const { url, close } = await listen((request, response) => {
    const { searchParams } = new URL(request.url ?? "", "http://bucket");
    const token = searchParams.get("continuation-token");
    asked.push([searchParams.get("prefix"), token]);
    const at = Number(token?.replace("page ", "") ?? 0);
    const contents = pages[at]?.map((key) => `<Contents><Key>${key}</Key></Contents>`).join("");
    const next = at + 1 < pages.length ? `<NextContinuationToken>page ${at + 1}</NextContinuationToken>` : "";
    response.end(`<ListBucketResult><IsTruncated>${next !== ""}</IsTruncated>${contents}${next}</ListBucketResult>`);
  });
  onTestFinished(close);
  onTestFinished(() => void vi.unstubAllEnvs());
  const environment = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  for (const [name, value] of Object.entries({ ...environment, AWS_ENDPOINT_URL_S3: url })) vi.stubEnv(name, value);
  const store = new S3ShipStore({ bucket: "b", prefix: "gate/" });
  const found: string[] = [];
  for await (const key of store.list("parts/")) found.push(key);
  expect(found).toEqual(["parts/1", "parts/2", "parts/3", "parts/4"]);
  expect(asked).toEqual([null, "page 1", "page 2"].map((token) => ["gate/parts/", token]));
});
