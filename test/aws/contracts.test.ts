import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { actionLedgerContract } from "../contracts/action-ledger.ts";
import { eventIndexContract } from "../contracts/event-index.ts";
import { keyStoreContract } from "../contracts/key-store.ts";
import { pictureStoreContract } from "../contracts/picture-store.ts";
import { quarantineContract } from "../contracts/quarantine.ts";
import { onMotoOrStandIns } from "../standins/aws.ts";
import { machineOn } from "./machine.ts";

onMotoOrStandIns((standIns) => {
  async function openIndex() {
    const { ingest, reads, setClock, close } = await machineOn(standIns);
    const { index, pictures, actions } = ingest;
    return { index, pictures, actions, reader: reads.events, setClock, close };
  }

  eventIndexContract("DynamoDB", openIndex);
  actionLedgerContract("DynamoDB", openIndex);

  pictureStoreContract("S3", async () => {
    const { clients, names, ingest, reads, close } = await machineOn(standIns);
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

  quarantineContract("DynamoDB with S3", async () => {
    const { ingest, reads, lines, close } = await machineOn(standIns, {
      quarantineLimits: { records: 6, bytes: 6000 },
    });
    const { quarantine } = reads;
    return {
      quarantine: {
        keep: (record) => ingest.quarantine.keep(record),
        list: (box, page) => quarantine.list(box, page),
        get: (id) => quarantine.get(id),
        remove: (id) => quarantine.remove(id),
        dropped: () => quarantine.dropped(),
      },
      get warnings() {
        return lines.map(({ message }) => message);
      },
      close,
    };
  });

  keyStoreContract("DynamoDB", async () => {
    const { ingest, reads, close } = await machineOn(standIns);
    const { keyAdmin } = reads;
    return {
      keys: {
        find: (tokenHash) => ingest.keys.find(tokenHash),
        create: (key) => keyAdmin.create(key),
        list: () => keyAdmin.list(),
        revoke: (id) => keyAdmin.revoke(id),
      },
      close,
    };
  });
});
