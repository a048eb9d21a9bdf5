/** The files of a data folder, and their contents. */
export const dataFiles: readonly (readonly [file: string, meaning: string])[] = [
  ["`gatepost.db`, `gatepost.db-wal`, `gatepost.db-shm`", "the database: events, keys, quarantine, jobs, audit log"],
  ["`pictures/`", "pictures, one pack a month"],
  ["`rules.json`", "the rules of the bus and alerts, written by you or the console"],
  ["`oidc.json`", "the groups of the company and their roles, if not set in the console"],
  ["`factors.key`", "encrypts the seeds of codes by which people sign in; no backup contains it"],
  ["`exports/`", "results of exports, for 24 hours"],
  ["`reserve`", "8 MB for revoking keys and erasing on a full disk"],
  ["`server.json`", "the address and the key of the running server, for commands beside it"],
  ["`first-keys.json`", "the first keys of a start without a terminal, until `gatepost keys first --forget`"],
  ["`lock.db`", "keeps a second server away"],
  ["`migration.db`", "the progress of `gatepost migrate`"],
  ["`ship.db`, `shipped.json`", "the copy and the progress of `serve --ship`"],
];

const cli = "`gatepost`";
const systemd = "the systemd unit";
const deploy = "the deploy";
const functions = "functions on AWS";

/** The environment variables that the program, its unit and the deployment read. Functions get theirs by the deploy. */
export const variables: readonly (readonly [name: string, where: string, meaning: string])[] = [
  ["`GATEPOST_TOKEN`", cli, "the key of commands with `--url` or `--to`"],
  ["`GATEPOST_TERMINAL_PASSWORD`", cli, "the password of a terminal, for `terminal setup`"],
  ["`GATEPOST_CHECK_KEY`", cli, "an ingest key for `gatepost check`"],
  ["`GATEPOST_OPTIONS`", systemd, "options of `gatepost serve`"],
  ["`GATEPOST_DOMAIN`", `${deploy}, compose files`, "the domain of the boxes' addresses"],
  ["`GATEPOST_ADDRESS`", "compose files", "the address of the machine on a LAN"],
  ["`GATEPOST_CONSOLE_DOMAIN`", deploy, "the domain of the console"],
  ["`GATEPOST_ACCOUNT_IDS`", deploy, "accounts that may be deployed to"],
  ["`GATEPOST_ALARM_EMAIL`", deploy, "receives the alarms"],
  [
    "`GATEPOST_OIDC_ISSUER`, `GATEPOST_OIDC_CLIENT_ID`, `GATEPOST_OIDC_CLIENT_SECRET`, `GATEPOST_OIDC_CLIENT_SECRET_FILE`",
    `${cli}, ${deploy}`,
    "the company's provider, by which people sign in; the deploy has the secret by SST",
  ],
  ["`GATEPOST_ALERTS`, `GATEPOST_ALERT_ZONE`", deploy, "the rules of alerts, and their time zone"],
  ["`GATEPOST_SUBSCRIBERS`", deploy, "the buses that get entries of this bus"],
  ["`GATEPOST_BUDGET_USD`", deploy, "dollars a month before a mail"],
  ["`GATEPOST_RESERVED`", deploy, "reserved concurrency of functions"],
  ["`GATEPOST_KMS`", deploy, "`1`: a separate KMS key"],
  ["`GATEPOST_NO_SUBSCRIBERS`", deploy, "`1`: no alarm for unread queues of actions"],
  ["`GATEPOST_DEPLOY`", deploy, "the commit that `npm run deploy` deploys; a deploy without it is refused"],
  ["`GATEPOST_XRAY`", deploy, "`1`: traces with X-Ray"],
  ["`GATEPOST_TABLE`, `GATEPOST_BUCKET`, `GATEPOST_BUS`", functions, "where the deployment stores and announces"],
  [
    "`GATEPOST_CURSOR_SECRET`, `GATEPOST_EDGE_SECRET`, `GATEPOST_FACTOR_KEY`, `GATEPOST_ALERT_SECRETS`",
    functions,
    "secrets of the deployment",
  ],
  [
    "`GATEPOST_CANARY_INGEST_KEY`, `GATEPOST_CANARY_READ_KEY`, `GATEPOST_ALARM_TOPICS`",
    functions,
    "the keys of the canary, and the topics whose subscriptions it looks at",
  ],
  ["`GATEPOST_PHOTO_URL`, `GATEPOST_PHOTO_SECRET`", functions, "the links to photos in entries of the bus"],
  ["`GATEPOST_MAIL_LANGUAGE`", functions, "the language of mails of hours; absent if no rule sends e-mail"],
  ["`GATEPOST_CONTACT`", functions, "the mail of alarms, by which push services of phones can reach the operator"],
  ["`GATEPOST_NOTIFICATIONS_URL`", functions, "the queue of notifications, for passings that the bus does not get"],
  ["`GATEPOST_JOBS_URL`, `GATEPOST_PUBLIC_URL`", functions, "addresses"],
  [
    "`GATEPOST_RETENTION_DAYS`, `GATEPOST_STATISTICS_DAYS`, `GATEPOST_SCENE_DAYS`",
    functions,
    "days for which events, counts and scenes are kept",
  ],
  ["`GATEPOST_KEEP_FEATURES`, `GATEPOST_ANNOUNCE_EVENTS`, `GATEPOST_VERSIONS`", functions, "choices of the stage"],
];
