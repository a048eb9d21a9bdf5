/// <reference path="../.sst/platform/config.d.ts" />
import { alertQueues } from "./alert-queue.ts";
import { bus } from "./bus.ts";
import { uncounted } from "./counts.ts";
import { jobs } from "./job-queue.ts";
import { sockets, untold } from "./sockets.ts";
import { stage } from "./stage.ts";
import { bucket, table } from "./storage.ts";
import { addressed, topic } from "./topics.ts";

/*
 * What functions may do, one Linkable for each purpose. To link the table or the bucket itself would grant everything
 * on it. Instead, a function may use only the kinds of rows that it needs; the key of a row begins with its kind.
 */

const objects = (...prefixes: string[]) => prefixes.map((prefix) => $interpolate`${bucket.arn}/${prefix}/*`);
const indexes = (...names: string[]) => names.map((name) => $interpolate`${table.arn}/index/${name}`);

const onRows = (actions: string[], ...kinds: string[]) =>
  sst.aws.permission({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [table.arn],
    conditions: [{ test: "ForAllValues:StringLike", variable: "dynamodb:LeadingKeys", values: kinds }],
  });

const takingFrom = (queue: sst.aws.Queue) =>
  sst.aws.permission({
    actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    resources: [queue.arn],
  });

const sendingTo = (queue: sst.aws.Queue) =>
  sst.aws.permission({ actions: ["sqs:SendMessage"], resources: [queue.arn] });

/** Reads the stream of the table. */
const readingStream = sst.aws.permission({
  actions: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
  resources: [table.nodes.table.streamArn],
});

/** Without this permission S3 answers 403 for an object that is gone, and not 404. */
const tellingWhatIsGone = sst.aws.permission({ actions: ["s3:ListBucket"], resources: [bucket.arn] });

const connections = (...methods: string[]) =>
  methods.map((method) => $interpolate`${sockets.nodes.api.executionArn}/live/${method}/@connections/*`);

/** The rows of accounts, of the ways to find them, of their sessions, and of the roles of groups. */
const accounts = ["acc_*", "account-*", "administrators", "invitation *", "ses_*", "company"];

/**
 * Denies writing rows of keys, of accounts and of the audit log, for every function except the API, which makes and
 * revokes keys. A function that could do it could make a key or an account for everything, or hide that in the log.
 */
export const writingKeys = {
  effect: "deny" as const,
  actions: ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"],
  resources: [table.arn],
  conditions: [
    {
      test: "ForAnyValue:StringLike",
      variable: "dynamodb:LeadingKeys",
      values: ["key_*", "terminal *", "audit*", ...accounts],
    },
  ],
};

/**
 * Denies writing orders for actions, for every function except the API, which takes the decisions of persons, and jobs,
 * which carry out many of them. An order is in the row of its event, which other functions write, too; bridges let people
 * in by it.
 */
export const givingOrders = {
  effect: "deny" as const,
  actions: ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"],
  resources: [table.arn],
  conditions: [
    {
      test: "ForAnyValue:StringLike",
      variable: "dynamodb:Attributes",
      values: ["o_1001", "o_1002", "v_1001", "v_1002"],
    },
  ],
};

/** Everything that the API stores: keys and the audit log, tickets, orders, jobs, boxes, and imported events. */
export const recordKeeper = new sst.Linkable("RecordKeeper", {
  properties: { table: table.name },
  include: [
    sst.aws.permission({
      actions: [
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
      ],
      resources: [table.arn],
    }),
  ],
});

/**
 * Finds the key of a box, notes its use, writes the event of a report, and notes its device, which it removes again if
 * the box has named too many. Notes terminals whose serial no key lists.
 */
export const reportWriter = new sst.Linkable("ReportWriter", {
  properties: { table: table.name },
  include: [
    onRows(
      ["BatchGetItem"],
      "key_*",
      "terminal *",
      "used *",
      // The time zone of a box, and the names of people at its terminals.
      "box *",
      "pin *",
      "evt_*",
      "erasure-seal",
      "leaving *",
      "secret suppression",
      "live audience *",
      "device *",
      "devices *",
      "unknown-terminals",
    ),
    onRows(
      ["UpdateItem"],
      "used *",
      "evt_*",
      "besides *",
      "device *",
      "notice *",
      "pin *",
      "erasure evt_*",
      "unknown-terminals",
    ),
    onRows(["PutItem"], "evt_*", "devices *", "notice *", "pin *", "unknown-terminals"),
    onRows(["DeleteItem"], "device *"),
  ],
});

export const pictureWriter = new sst.Linkable("PictureWriter", {
  properties: { bucket: bucket.name },
  include: [
    sst.aws.permission({ actions: ["s3:PutObject"], resources: objects("pictures", "registered") }),
    // Whether a registered picture exists is asked by HeadObject, which needs this permission.
    sst.aws.permission({ actions: ["s3:GetObject"], resources: objects("registered") }),
  ],
});

/** Keeps reports that were not understood, and drops the oldest of a box that fills up. */
export const quarantineWriter = new sst.Linkable("QuarantineWriter", {
  properties: { bucket: bucket.name, table: table.name },
  include: [
    sst.aws.permission({ actions: ["s3:PutObject", "s3:DeleteObject"], resources: objects("quarantine") }),
    sst.aws.permission({ actions: ["dynamodb:Query"], resources: indexes("byBox") }),
    onRows(["UpdateItem"], "qrt_*", "quarantine *", "batch *"),
    onRows(["DeleteItem"], "qrt_*"),
  ],
});

export const announcer = new sst.Linkable("Announcer", {
  properties: { bus: bus.name },
  include: [sst.aws.permission({ actions: ["events:PutEvents"], resources: [bus.arn] })],
});

/**
 * Copies the photo of an announcement out of an object with several pictures, so that a subscriber finds it. Functions
 * that receive reports may not read pictures, so they leave such an action pending.
 */
export const photoCopier = new sst.Linkable("PhotoCopier", {
  properties: { bucket: bucket.name },
  include: [sst.aws.permission({ actions: ["s3:GetObject", "s3:PutObject"], resources: objects("pictures") })],
});

/** Takes actions that were left pending, and events that were not announced. */
export const actionSweeper = new sst.Linkable("ActionSweeper", {
  properties: { table: table.name },
  include: [
    sst.aws.permission({ actions: ["dynamodb:Query"], resources: indexes("actions1001", "actions1002", "awaited") }),
    onRows(["BatchGetItem", "UpdateItem"], "evt_*"),
  ],
});

/** Answers as the subscriber of checks. */
export const checkHearer = new sst.Linkable("CheckHearer", {
  properties: { table: table.name },
  include: [onRows(["GetItem", "UpdateItem"], "evt_*")],
});

/**
 * Looks at the boxes that are due, at whether the stream of the table is read, at whether the index of changes lags, and
 * at passings of the blacklist that no person has acknowledged.
 */
export const boxSweeper = new sst.Linkable("BoxSweeper", {
  properties: { table: table.name },
  include: [
    sst.aws.permission({ actions: ["dynamodb:Query"], resources: indexes("byTime", "byBox", "changes") }),
    onRows(["GetItem", "BatchGetItem"], "box *", "pauses *", "reception", "pulse heard"),
    onRows(["GetItem", "BatchGetItem"], "alarm *", "alarms", "alarm-watch", "evt_*", "seen *", "site *"),
    onRows(["UpdateItem"], "box *", "pauses *", "reception", "pulse", "beat *", "alarm *", "alarm-watch"),
    onRows(["PutItem"], "box *", "pauses *", "alarm *", "alarm-watch"),
    onRows(["DeleteItem"], "alarm-watch"),
  ],
});

/** The rows about people beside events: profiles, corrections, days of closed months, and evacuation lists. */
const ofPeople = ["person *", "left_*", "cor_*", "closed-days *", "roll-person *"];

/**
 * Erases the rows of events and people, quarantine records, and statuses of boxes, and notes the pictures to remove. Needed
 * to begin an erasure and to finish one.
 */
const erasingRows = [
  sst.aws.permission({ actions: ["dynamodb:Query"], resources: indexes("byTime", "byPerson", "byPicture") }),
  onRows(["GetItem", "BatchGetItem"], "evt_*", "leaving *", "notice *", "qrt_*", ...ofPeople),
  onRows(["UpdateItem"], "erasure evt_*", "erasure person *", "erasure-seal", "leaving *", "qrt_*", "quarantine *"),
  onRows(["DeleteItem"], "evt_*", "seen *", "notes *", "notice *", "pin *", "qrt_*", "batch *", ...ofPeople),
  sst.aws.permission({ actions: ["s3:DeleteObject"], resources: objects("quarantine") }),
];

/** Begins erasures, and notes them, so that erased events do not return. */
export const eraser = new sst.Linkable("Eraser", {
  properties: { bucket: bucket.name, table: table.name },
  include: [
    ...erasingRows,
    onRows(["GetItem"], "secret suppression"),
    onRows(["UpdateItem"], "secret suppression", "suppressed *"),
  ],
});

/** Finishes erasures: rows that were not in the indexes yet, and pictures that no event shows any more. */
export const erasureFinisher = new sst.Linkable("ErasureFinisher", {
  properties: { bucket: bucket.name, table: table.name },
  include: [
    ...erasingRows,
    onRows(["GetItem"], "erasure *"),
    onRows(["DeleteItem"], "erasure *", "besides *"),
    sst.aws.permission({ actions: ["s3:GetObject", "s3:DeleteObject"], resources: objects("pictures", "registered") }),
  ],
});

/** Finds the jobs without a worker, and removes old ones that cannot be read. */
export const jobSweeper = new sst.Linkable("JobSweeper", {
  properties: { table: table.name },
  include: [
    sst.aws.permission({ actions: ["dynamodb:Query"], resources: indexes("byTime") }),
    onRows(["BatchGetItem", "UpdateItem", "PutItem", "DeleteItem"], "job *"),
  ],
});

/** Notes the progress of a job, events that it marks as seen, and persons to remove from boxes. Exports name boxes. */
export const jobWriter = new sst.Linkable("JobWriter", {
  properties: { table: table.name },
  include: [
    onRows(["GetItem", "BatchGetItem", "UpdateItem"], "job *", "removal *", "seen *"),
    onRows(["BatchGetItem"], "box *", "notice *"),
    // Exports of hours: sites, schedules, closed months, and names of accounts. The eraser has corrections and people.
    onRows(["GetItem", "BatchGetItem"], "site *", "schedule *", "closed-month *", "acc_*", "people settings"),
    onRows(["PutItem"], "removal *", "seen *"),
  ],
});

/** Has jobs done. */
export const jobStarter = new sst.Linkable("JobStarter", {
  properties: { queue: jobs.url },
  include: [sendingTo(jobs)],
});

export const jobTaker = new sst.Linkable("JobTaker", {
  properties: { queue: jobs.url },
  include: [takingFrom(jobs)],
});

/** Writes the results of exports, gives links to them, and finds and removes them. */
export const exportKeeper = new sst.Linkable("ExportKeeper", {
  properties: { bucket: bucket.name },
  include: [
    sst.aws.permission({
      actions: ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
      resources: [bucket.arn],
      conditions: [{ test: "StringLike", variable: "s3:prefix", values: ["exports/*"] }],
    }),
    sst.aws.permission({
      actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
      resources: objects("exports"),
    }),
  ],
});

/** Lists and shows events, pictures, actions and quarantine records. */
export const reader = new sst.Linkable("Reader", {
  properties: { bucket: bucket.name, table: table.name },
  include: [
    sst.aws.permission({
      actions: ["dynamodb:Query"],
      resources: indexes(
        "byTime",
        "byBox",
        "byPerson",
        "changes",
        "actions1001",
        "actions1002",
        "ordered1001",
        "ordered1002",
      ),
    }),
    onRows(["GetItem", "BatchGetItem"], "evt_*", "qrt_*", "quarantine *", "suppressed *"),
    sst.aws.permission({ actions: ["s3:GetObject"], resources: objects("pictures", "registered", "quarantine") }),
    tellingWhatIsGone,
  ],
});

/** Takes a ticket or finds a key, notes its use, keeps the connection, and asks which others of a full key are over. */
export const liveConnector = new sst.Linkable("LiveConnector", {
  properties: { table: table.name },
  include: [
    // The boxes of the site that a key sees, and the connections of the key.
    sst.aws.permission({ actions: ["dynamodb:Query"], resources: indexes("byBox") }),
    onRows(["BatchGetItem"], "key_*", "used *", "ticket *", "tickets-ended *"),
    onRows(["GetItem"], "acc_*", "ses_*"),
    onRows(["UpdateItem"], "used *", "live *", "redeemed *"),
    onRows(["DeleteItem"], "ticket *", "live *"),
    sst.aws.permission({ actions: ["execute-api:ManageConnections"], resources: connections("GET") }),
  ],
});

export const liveDisconnector = new sst.Linkable("LiveDisconnector", {
  properties: { table: table.name },
  include: [onRows(["DeleteItem"], "live *")],
});

/** The indexes by which the counts of the live feed are read. */
const counted = ["byTime", "byBox", "actions1001", "actions1002"] as const;

/** The rows of events, of the keys that ask for them, and of the boxes, statuses and counts that are sent with them. */
const told = [
  "evt_*",
  "key_*",
  "acc_*",
  "ses_*",
  "used *",
  "live *",
  "notice *",
  "counts *",
  "box *",
  "qrt_*",
  "quarantine *",
] as const;

/** Stores the configuration of a subscriber, and reads the events that it has missed. */
export const liveConfigurer = new sst.Linkable("LiveConfigurer", {
  properties: { table: table.name },
  include: [
    sst.aws.permission({ actions: ["dynamodb:Query"], resources: indexes("changes", ...counted) }),
    onRows(["GetItem", "BatchGetItem"], ...told, "gap *", "passed *", "pushed *", "read *"),
    onRows(["UpdateItem"], "used *", "live *", "gap *", "passed *", "read *", "beat *"),
    onRows(["DeleteItem"], "live *"),
  ],
});

/** Reads the stream of the table and the list of connections. Failed batches go into a queue. */
export const livePusher = new sst.Linkable("LivePusher", {
  properties: { table: table.name },
  include: [
    sst.aws.permission({ actions: ["dynamodb:Query"], resources: indexes(...counted) }),
    onRows(["GetItem", "BatchGetItem"], ...told),
    onRows(["UpdateItem"], "used *", "live *", "gap *", "pushed *"),
    onRows(["DeleteItem"], "live *"),
    readingStream,
    sendingTo(untold),
  ],
});

/**
 * Reads the stream of the table and writes counts, the records of boxes, and profiles of people, for which it looks for
 * their newest events. Failed batches go into a queue.
 */
export const tallier = new sst.Linkable("Tallier", {
  properties: { table: table.name },
  include: [
    onRows(
      ["GetItem", "BatchGetItem", "PutItem", "UpdateItem"],
      "counts *",
      "counted *",
      "box *",
      "pauses *",
      "reception",
      "pulse heard",
    ),
    sst.aws.permission({ actions: ["dynamodb:Query"], resources: indexes("byPerson") }),
    onRows(["BatchGetItem"], "evt_*"),
    onRows(["GetItem", "PutItem", "UpdateItem", "DeleteItem"], "person *"),
    onRows(["GetItem"], "people settings"),
    readingStream,
    sendingTo(uncounted),
  ],
});

/** Takes given-up batches from the queue, notes the gap, and disconnects all clients. */
export const liveReleaser = new sst.Linkable("LiveReleaser", {
  properties: { table: table.name },
  include: [
    takingFrom(untold),
    sst.aws.permission({ actions: ["dynamodb:Query"], resources: indexes("byTime") }),
    onRows(["UpdateItem"], "gap *", "live *"),
    onRows(["DeleteItem"], "live *"),
    sst.aws.permission({ actions: ["execute-api:ManageConnections"], resources: connections("DELETE") }),
  ],
});

/** Takes entries that people are alerted of, reads their events and pictures, and remembers the alerts. */
export const alertTeller =
  alertQueues &&
  new sst.Linkable("AlertTeller", {
    properties: { bucket: bucket.name, table: table.name },
    include: [
      takingFrom(alertQueues.queue),
      onRows(["GetItem", "BatchGetItem"], "evt_*", "alert *"),
      onRows(["UpdateItem", "PutItem"], "alert *"),
      sst.aws.permission({ actions: ["s3:GetObject"], resources: objects("pictures") }),
      tellingWhatIsGone,
    ],
  });

/** Reads the hours of sites, and notes which mails of them were sent; undefined if no rule sends e-mail. */
export const hoursMailer =
  stage.mailLanguage &&
  new sst.Linkable("HoursMailer", {
    properties: { table: table.name },
    include: [
      sst.aws.permission({ actions: ["dynamodb:Query"], resources: indexes("byTime", "byBox") }),
      onRows(
        ["GetItem", "BatchGetItem"],
        "evt_*",
        "person *",
        "box *",
        "notice *",
        // Boxes that only have a key, and the names of those who corrected hours.
        "key_*",
        "acc_*",
        "site *",
        "schedule *",
        "cor_*",
        "closed-month *",
        "closed-days *",
        "people settings",
        "hours-mail *",
      ),
      onRows(["UpdateItem"], "hours-mail *"),
    ],
  });

/** Looks whether a topic of alarms has a confirmed subscription; undefined if no topic has an address. */
export const topicReader =
  !stage.hasCanary || addressed.length === 0
    ? undefined
    : new sst.Linkable("TopicReader", {
        properties: { topic: topic.arn },
        include: [
          sst.aws.permission({ actions: ["sns:ListSubscriptionsByTopic"], resources: addressed.map(({ arn }) => arn) }),
        ],
      });

/** Shows the pictures of events. */
export const pictureReader = new sst.Linkable("PictureReader", {
  properties: { bucket: bucket.name },
  include: [
    sst.aws.permission({ actions: ["s3:GetObject"], resources: objects("pictures", "registered") }),
    tellingWhatIsGone,
  ],
});

/** Sends to a connection of the live feed, and ends it. */
export const connectionSender = new sst.Linkable("ConnectionSender", {
  properties: { endpoint: sockets.managementEndpoint },
  include: [
    sst.aws.permission({ actions: ["execute-api:ManageConnections"], resources: connections("POST", "DELETE") }),
  ],
});
