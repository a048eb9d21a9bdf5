import { connect } from "@gatepost/aws";
import { awsBoxSweep } from "@gatepost/aws/boxes";
import { awsTally } from "@gatepost/aws/tally";
import { pageHeaders } from "@gatepost/console/headers";
import { ConsolePage } from "../../../packages/embedded/src/http/console-page.ts";
import { runtimeOn } from "../../contract/aws/runtime.ts";
import { gateway } from "../../contract/aws/served.ts";
import { environmentOf, freshNames, patient } from "../../standins/aws.ts";
import { useEndpoints } from "../../standins/endpoints.ts";
import { startEventBridge } from "../../standins/event-bridge.ts";
import { listen } from "../../standins/listen.ts";
import { startS3 } from "../../standins/s3.ts";
import { freshAccessKey, sharedDynamo } from "../../standins/shared-dynamo.ts";
import { followStream } from "../../standins/stream.ts";
import { type Office, type OfficeOptions, officeAt } from "./office.ts";

/** Opens an office on AWS: the functions over the stand-ins of its services, and the page in front of them. */
export function openAwsOffice(options: OfficeOptions = {}): Promise<Office> {
  return officeAt(options, async (clock) => {
    const [dynamo, s3, bus] = [await sharedDynamo(), await startS3(clock), await startEventBridge()];
    useEndpoints({ dynamo, s3: s3.url, bus: bus.url, accessKey: freshAccessKey() });
    const fresh = await freshNames(connect(patient), { streams: true });
    const wiring = { clients: fresh.clients, limits: patient, clock };
    /** Starts the processes of the functions. */
    const start = () => runtimeOn({ fresh: async () => fresh }, { clock });
    let deps = await start();
    const env = environmentOf(fresh.names);
    const tally = awsTally(env, { ...wiring, log: deps.ingest.log });
    let writes = 0;
    const stream = await followStream(
      { url: dynamo, table: fresh.names.table },
      async ({ shard, Records }) => void (await tally({ shardId: shard, Records })),
      { writes: () => writes },
    );
    const page = new ConsolePage();
    const policy = pageHeaders(s3.url);
    const open = (port = 0) => {
      const answer = gateway(deps);
      return listen(async (request, response) => {
        const { method = "GET", url = "/" } = request;
        const file = method === "GET" ? page.find(url, request.headersDistinct["accept-encoding"]?.join()) : null;
        if (file === null) await answer(request, response);
        else response.writeHead(file.status, { ...file.headers, ...policy }).end(file.body);
        if (method !== "GET") writes += 1;
      }, port);
    };
    let listening = await open();
    const { url } = listening;
    return {
      url,
      keys: () => deps.reads.keyAdmin,
      look: awsBoxSweep(deps.ingest, env, wiring),
      unlisten: () => listening.close(),
      async listen() {
        deps = await start();
        listening = await open(Number(new URL(url).port));
      },
      async close() {
        await listening.close();
        await stream.stop();
        await deps.close();
        await s3.close();
        await bus.close();
      },
    };
  });
}
