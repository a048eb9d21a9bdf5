import { type ApiPorts, api } from "@gatepost/api";
import { DynamoItems } from "../../packages/aws/src/dynamo/items.ts";
import { awsTally } from "../../packages/aws/src/runtime/tally.ts";
import { DynamoOpenWork } from "../../packages/aws/src/statistics/open-work.ts";
import { environmentOf, onMotoOrStandIns, patient, tableOf } from "../standins/aws.ts";
import { StreamReader } from "../standins/stream.ts";
import { isLong } from "../support/seeded.ts";
import { actionOrdersContract } from "./action-orders.ts";
import { actionOutboxContract } from "./action-outbox.ts";
import { alarmsContract } from "./alarms.ts";
import { removeExpired } from "./aws/expiring.ts";
import { runtimeOn } from "./aws/runtime.ts";
import { changeFeedContract } from "./change-feed.ts";
import { eventIndexContract } from "./event-index.ts";
import { eventOutboxContract } from "./event-outbox.ts";
import { eventReaderContract } from "./event-reader.ts";
import { halfHoursContract } from "./half-hours.ts";
import { newsContract } from "./news.ts";
import { openWorkContract } from "./open-work.ts";
import { passingsContract } from "./passings.ts";
import { day, noon } from "./samples.ts";
import { seenMarksContract } from "./seen-marks.ts";
import { settlingKeysContract } from "./settling-keys.ts";
import { smallReadsContract } from "./small-reads.ts";
import { suppressionContract } from "./suppression.ts";
import { visitsContract } from "./visits.ts";

onMotoOrStandIns((standIns) => {
  async function openIndex() {
    const deps = await runtimeOn(standIns);
    const { ingest, reads, setClock, close } = deps;
    const { index, pictures, actions, eventOutbox } = ingest;
    const { feed, devices, tickets, actionReader, orders, seen, acknowledgements, notes, eraser } = reads;
    return {
      index,
      pictures,
      actions,
      eventOutbox,
      reader: reads.events,
      actionReader,
      orders,
      seen,
      acknowledgements,
      notes,
      items: new DynamoItems(tableOf(deps), ingest.clock),
      eraser,
      feed,
      devices,
      tickets,
      told: null,
      setClock,
      close,
    };
  }

  eventIndexContract("DynamoDB", openIndex);
  eventReaderContract("DynamoDB", openIndex);
  seenMarksContract("DynamoDB", openIndex);
  alarmsContract("DynamoDB", openIndex);
  visitsContract("DynamoDB", openIndex);
  actionOutboxContract("DynamoDB", openIndex);
  eventOutboxContract("DynamoDB", openIndex);
  actionOrdersContract("DynamoDB", openIndex);
  changeFeedContract("DynamoDB", openIndex);
  newsContract("DynamoDB", openIndex);
  smallReadsContract("DynamoDB", openIndex);

  async function openCounts() {
    const runtime = await runtimeOn(standIns, { streams: true });
    const { ingest, reads, setClock, clients, names } = runtime;
    const { index, quarantine, actions } = ingest;
    let now = noon;
    const clock = () => now;
    const dynamo = tableOf({ clients, names });
    const { log } = ingest;
    const tally = awsTally(environmentOf(names), { clients, limits: patient, log, clock });
    const stream = new StreamReader({ url: process.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "", table: names.table });
    return {
      index,
      quarantine,
      actions,
      reader: reads.events,
      eraser: reads.eraser,
      counts: reads.statistics,
      passings: reads.passings,
      settings: reads.peopleSettings,
      work: new DynamoOpenWork(dynamo, { clock, lifetime: 90 * day }),
      async settle() {
        for (const { shard, Records } of await stream.read()) await tally({ shardId: shard, Records });
      },
      removeExpired: () => removeExpired(runtime, now),
      setClock(time: number) {
        now = time;
        setClock(time);
      },
      close: runtime.close,
    };
  }

  passingsContract("DynamoDB", openCounts);
  halfHoursContract("DynamoDB", openCounts, { runs: isLong ? 20 : 2 });
  openWorkContract("DynamoDB", openCounts);

  settlingKeysContract("AWS", async () => {
    const { ingest, reads, close } = await runtimeOn(standIns);
    const request = async (path: string, init: RequestInit) => api(reads as ApiPorts).request(path, init);
    return { index: ingest.index, keyAdmin: reads.keyAdmin, request, close };
  });

  suppressionContract("DynamoDB", async () => {
    const { ingest, reads, setClock, close } = await runtimeOn(standIns);
    const finish = async () => {
      setClock(noon + 120_000);
      await reads.eraser.finish();
      setClock(noon);
    };
    return {
      index: ingest.index,
      suppression: ingest.suppression,
      events: reads.events,
      eraser: reads.eraser,
      setClock,
      finish,
      close,
    };
  });
});
