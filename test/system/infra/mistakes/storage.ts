import { one } from "../stages.ts";
import { adding, changing, type Mistake, replacing } from "./mistake.ts";

const table = ["dynamodb/table:Table", "EventsTable"] as const;
const lifecycle = ["s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "StoreLifecycle"] as const;
const lambda = "lambda/function:Function";

export const storageMistakes: Mistake[] = [
  {
    mistake: "what was written of an export that never ended stays for ever",
    caughtBy: "what was written of an export that never ended is removed, too",
    make: changing(...lifecycle, (inputs) => void (inputs["rules"] as object[]).pop()),
  },
  {
    mistake: "an index with another range",
    caughtBy: "the table has just the keys and indexes that its adapters are written for",
    make: changing(...table, ({ globalSecondaryIndexes }) => {
      Object.assign((globalSecondaryIndexes as object[])[1] ?? {}, { rangeKey: "byTime" });
    }),
  },
  {
    mistake: "an index is missing",
    caughtBy: "the table has these ten indexes",
    make: changing(...table, ({ globalSecondaryIndexes }) => void (globalSecondaryIndexes as object[]).pop()),
  },
  {
    mistake: "a key of an index is not declared",
    caughtBy: "just the attributes that are keys are declared, else DynamoDB refuses the table",
    make: changing(...table, ({ attributes }) => void (attributes as object[]).pop()),
  },
  {
    mistake: "a deploy gives up while an index is built",
    caughtBy: "a deploy waits a day for a new index of a large table",
    make({ test }) {
      for (const resource of test.resources) delete resource.customTimeouts;
    },
  },
  {
    mistake: "no expiry",
    caughtBy: "expired rows are removed",
    make: changing(...table, (inputs) => {
      delete inputs["ttl"];
    }),
  },
  {
    mistake: "the table cannot be restored",
    caughtBy: "the table is paid by use, can be restored to any minute, and tells its changes",
    make: changing(...table, (inputs) => {
      inputs["pointInTimeRecovery"] = { enabled: false };
    }),
  },
  {
    mistake: "production's table can be deleted",
    caughtBy: "in production table and bucket survive their stack, and the stack cannot be removed",
    make: ({ production }) => {
      one(production, ...table).inputs["deletionProtectionEnabled"] = false;
    },
  },
  {
    mistake: "production's bucket goes with its stack",
    caughtBy: "in production table and bucket survive their stack, and the stack cannot be removed",
    make: ({ production }) => {
      one(production, "s3/bucket:Bucket", "StoreBucket").retainOnDelete = false;
    },
  },
  {
    mistake: "the bucket may become public",
    caughtBy: "the bucket is private",
    make: changing("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "StorePublicAccessBlock", (inputs) => {
      inputs["blockPublicPolicy"] = false;
    }),
  },
  {
    mistake: "the bucket answers without HTTPS",
    caughtBy: "the bucket is encrypted, and reached over HTTPS alone",
    make: changing("s3/bucketPolicy:BucketPolicy", "StorePolicy", (inputs) => {
      inputs["policy"] = '{"Version":"2012-10-17","Statement":[]}';
    }),
  },
  {
    mistake: "the bucket keeps versions",
    caughtBy: "what is erased from the bucket is gone: it has no versions",
    make: adding("s3/bucketVersioning:BucketVersioning", "StoreVersioning"),
  },
  {
    mistake: "every page may read the bucket",
    caughtBy: "no page elsewhere may read the bucket from a browser",
    make: adding("s3/bucketCorsConfiguration:BucketCorsConfiguration", "StoreCors"),
  },
  {
    mistake: "registered pictures go with the others",
    caughtBy: "objects are removed by prefix, registered pictures a month later",
    make: replacing(...lifecycle, "registered/", "registered-pictures/"),
  },
  {
    mistake: "nothing removes the bodies of the quarantine",
    caughtBy: "the functions and the bucket agree on how long events and quarantine are kept",
    make: replacing(...lifecycle, "quarantine/", "quarantined/"),
  },
  {
    mistake: "functions keep events longer than the bucket their pictures",
    caughtBy: "the functions and the bucket agree on how long events and quarantine are kept",
    make: replacing(lambda, "PassRecordFunction", '"GATEPOST_RETENTION_DAYS":"', '"GATEPOST_RETENTION_DAYS":"1'),
  },
];
