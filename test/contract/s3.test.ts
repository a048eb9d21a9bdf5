import { GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, NoSuchKey } from "@aws-sdk/client-s3";
import type { Quarantine, QuarantineReader } from "@gatepost/core/quarantine";
import { itemsOf, onMotoOrStandIns } from "../standins/aws.ts";
import { statusesOf } from "../support/statuses-of.ts";
import { runtimeOn, type TestRuntime } from "./aws/runtime.ts";
import { eventEraserContract } from "./event-eraser.ts";
import { exportsContract } from "./exports.ts";
import { pictureStoreContract } from "./picture-store.ts";
import { quarantineContract } from "./quarantine.ts";
import { noon } from "./samples.ts";

/** The contracts of stores that have objects in S3. moto judges these; DynamoDB Local has no S3. */
onMotoOrStandIns((standIns) => {
  eventEraserContract("DynamoDB with S3", async () => {
    const runtime = await runtimeOn(standIns);
    const { ingest, reads, setClock, close } = runtime;
    const { eraser, events, pictures, rolls, visits } = reads;
    const finish = async () => {
      setClock(noon + 60 * 60 * 1000);
      await eraser.finish();
      setClock(noon);
    };
    const quarantine = bothSides(ingest, reads);
    return {
      index: ingest.index,
      eraser,
      events,
      store: ingest.pictures,
      pictures,
      quarantine,
      rolls,
      visits,
      finish,
      close,
      boxStatus: runtime.ingest.boxStatus,
      statusesOf: (box) => statusesOf(itemsOf(runtime), box),
    };
  });

  exportsContract("S3", async () => {
    const { clients, names, reads, close } = await runtimeOn(standIns);
    const { exports } = reads.jobs;
    return {
      exports,
      close,
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
    isNext: (id) => quarantine.isNext(id),
    remove: (id) => quarantine.remove(id),
    setAside: (id, how) => quarantine.setAside(id, how),
    listAside: (records) => quarantine.listAside(records),
    getAside: (record) => quarantine.getAside(record),
    putBack: (record) => quarantine.putBack(record),
    countOf: (events) => quarantine.countOf(events),
    dropped: () => quarantine.dropped(),
  };
}
