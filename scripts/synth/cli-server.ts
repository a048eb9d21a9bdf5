import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type BuildRequest, buildFunction, type Place } from "./build-function.ts";
import type { Built } from "./graph.ts";

/** The bootstrap of an account, which SST makes once: the destination for the code of functions. */
const bootstrap = {
  asset: "sst-asset-test",
  assetEcrRegistryId: "123456789012",
  assetEcrUrl: "ecr.test/sst-asset",
  state: "sst-state-test",
  appsyncHttp: "appsync.test",
  appsyncRealtime: "appsync-realtime.test",
};

/** Stands in for the CLI's own server, which components call over HTTP: really bundles every handler. */
export async function startCliServer(place: Place, builds: Built[]): Promise<string> {
  const methods: Record<string, (params: unknown) => unknown> = {
    "Provider.Aws.Bootstrap": () => bootstrap,
    "Provider.Aws.Appsync": () => ({ http: bootstrap.appsyncHttp, realtime: bootstrap.appsyncRealtime }),
    "Runtime.Build": async (params) => {
      const { built, ...answer } = await buildFunction(params as BuildRequest, place);
      if (built !== undefined) builds.push(built);
      return answer;
    },
  };
  const server = createServer(async (request, response) => {
    // A connection that is kept would be something left to do for some seconds more.
    response.setHeader("connection", "close");
    try {
      const { method, params } = JSON.parse(await text(request));
      const called = methods[method];
      if (called === undefined) throw new Error(`the CLI's server has no method ${method} here`);
      response.end(JSON.stringify({ result: await called(params[0]) }));
    } catch (error) {
      response.end(JSON.stringify({ error: String(error) }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // The synth is over when nothing else is left to do.
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
