import { GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, NoSuchKey } from "@aws-sdk/client-s3";
import { type ApiPorts, api } from "@gatepost/api";
import type { Quarantine, QuarantineReader } from "@gatepost/core/quarantine";
import { DynamoItems } from "../../packages/aws/src/dynamo/items.ts";
import { awsTally } from "../../packages/aws/src/runtime/tally.ts";
import { DynamoOpenWork } from "../../packages/aws/src/statistics/open-work.ts";
import { environmentOf, itemsOf, onMotoOrStandIns, patient, tableOf } from "../standins/aws.ts";
import { StreamReader } from "../standins/stream.ts";
import { isLong } from "../support/seeded.ts";
import { statusesOf } from "../support/statuses-of.ts";
import { actionOrdersContract } from "./action-orders.ts";
import { actionOutboxContract } from "./action-outbox.ts";
import { alarmsContract } from "./alarms.ts";
import { removeExpired } from "./aws/expiring.ts";
import { runtimeOn, type TestRuntime } from "./aws/runtime.ts";
import { changeFeedContract } from "./change-feed.ts";
import { eventEraserContract } from "./event-eraser.ts";
import { eventIndexContract } from "./event-index.ts";
import { eventOutboxContract } from "./event-outbox.ts";
import { eventReaderContract } from "./event-reader.ts";
import { exportsContract } from "./exports.ts";
import { halfHoursContract } from "./half-hours.ts";
import { openWorkContract } from "./open-work.ts";
import { passingsContract } from "./passings.ts";
import { pictureStoreContract } from "./picture-store.ts";
import { quarantineContract } from "./quarantine.ts";
import { day, noon } from "./samples.ts";
import { seenMarksContract } from "./seen-marks.ts";
import { settlingKeysContract } from "./settling-keys.ts";
import { smallReadsContract } from "./small-reads.ts";
import { suppressionContract } from "./suppression.ts";

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
      setClock,
      close,
    };
  }

  eventIndexContract("DynamoDB", openIndex);
  eventReaderContract("DynamoDB", openIndex);
  seenMarksContract("DynamoDB", openIndex);
  alarmsContract("DynamoDB", openIndex);
  actionOutboxContract("DynamoDB", openIndex);
  eventOutboxContract("DynamoDB", openIndex);
  actionOrdersContract("DynamoDB", openIndex);
  changeFeedContract("DynamoDB", openIndex);
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
      ...{ index, quarantine, actions, reader: reads.events, eraser: reads.eraser, counts: reads.statistics },
      passings: reads.passings,
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

  eventEraserContract("DynamoDB with S3", async () => {
    const runtime = await runtimeOn(standIns);
    const { ingest, reads, setClock, close } = runtime;
    const { eraser, events, pictures, rolls } = reads;
    const finish = async () => {
      setClock(noon + 60 * 60 * 1000);
      await eraser.finish();
      setClock(noon);
    };
    const quarantine = bothSides(ingest, reads);
    return {
      ...{ index: ingest.index, eraser, events, store: ingest.pictures, pictures, quarantine, rolls, finish, close },
      boxStatus: runtime.ingest.boxStatus,
      statusesOf: (box) => statusesOf(itemsOf(runtime), box),
    };
  });

  exportsContract("S3", async () => {
    const { clients, names, reads, close } = await runtimeOn(standIns);
    const { exports } = reads.jobs;
    return {
      ...{ exports, close },
      async resultOf(id) {
        const link = await exports.link(id, { name: "it.csv" }, 60_000);
        const Key = decodeURIComponent(new URL(link?.url ?? "").pathname)
          .split("/")
          .slice(2)
          .join("/");
        const read = clients.s3.send(new GetObjectCommand({ Bucket: names.bucket, Key }));
        const found = await read.catch((error: unknown) => {
          if (error instanceof NoSuchKey) return null;
          throw error;
        });
        return found?.Body === undefined ? null : Buffer.from(await found.Body.transformToByteArray());
      },
      async left() {
        const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket: names.bucket }));
        const uploads = await clients.s3.send(new ListMultipartUploadsCommand({ Bucket: names.bucket }));
        return [...Contents, ...(uploads.Uploads ?? [])].map(({ Key = "" }) => Key);
      },
    };
  });

  suppressionContract("DynamoDB", async () => {
    const { ingest, reads, setClock, close } = await runtimeOn(standIns);
    const finish = async () => {
      setClock(noon + 120_000);
      await reads.eraser.finish();
      setClock(noon);
    };
    return {
      ...{ index: ingest.index, suppression: ingest.suppression, events: reads.events, eraser: reads.eraser },
      ...{ setClock, finish, close },
    };
  });

  pictureStoreContract("S3", async () => {
    const { clients, names, ingest, reads, close } = await runtimeOn(standIns);
    return {
      store: ingest.pictures,
      reader: reads.pictures,
      async size() {
        const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket: names.bucket }));
        return Contents.reduce((sum, { Size = 0 }) => sum + Size, 0);
      },
      close,
    };
  });

  quarantineContract("DynamoDB with S3", async (quarantineLimits = { records: 6, bytes: 6000 }) => {
    const { ingest, reads, lines, setClock, close } = await runtimeOn(standIns, { quarantineLimits });
    return {
      quarantine: bothSides(ingest, reads),
      get warnings() {
        return lines.map(({ message }) => message);
      },
      setClock,
      close,
    };
  });
});

function bothSides(ingest: TestRuntime["ingest"], { quarantine }: TestRuntime["reads"]): Quarantine & QuarantineReader {
  return {
    put: (record) => ingest.quarantine.put(record),
    list: (box, page, which) => quarantine.list(box, page, which),
    groups: (of) => quarantine.groups(of),
    get: (id) => quarantine.get(id),
    remove: (id) => quarantine.remove(id),
    countOf: (events) => quarantine.countOf(events),
    dropped: () => quarantine.dropped(),
  };
}
