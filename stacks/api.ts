/// <reference path="../.sst/platform/config.d.ts" />
import {
  announcer,
  exportKeeper,
  jobStarter,
  pictureWriter,
  quarantineWriter,
  reader,
  recordKeeper,
} from "./access.ts";
import { jobs } from "./bus.ts";
import { limited, otherRoute, photoLinks, routeSettings } from "./ingest.ts";
import { lambda } from "./lambda.ts";
import { stage } from "./stage.ts";

// It replays records of quarantine, so it needs the rights of functions that take reports.
const rights = [reader, recordKeeper, pictureWriter, quarantineWriter, announcer, exportKeeper, jobStarter];

/** Signs cursors. It must stay the same for every function of this table. */
export const cursorSecret = new random.RandomBytes("CursorSecret", { length: 32 });

/** Encrypts the seeds of codes in the table, of whose backups it is no part. */
const factorKey = new random.RandomBytes("FactorKey", { length: 32 });

/**
 * By it the API recognises the distribution in front of it. It has another length than the other secret, so that they
 * cannot be confused.
 */
export const edgeSecret = new random.RandomBytes("EdgeSecret", { length: 24 });

/** The variables of the company's sign-in. SST keeps the secret: `npx sst secret set OidcClientSecret …`. */
const company: Record<string, $util.Input<string>> = stage.company === undefined
  ? {}
  : {
      GATEPOST_OIDC_ISSUER: stage.company.issuer,
      GATEPOST_OIDC_CLIENT_ID: stage.company.clientId,
      GATEPOST_OIDC_CLIENT_SECRET: new sst.Secret("OidcClientSecret").value,
    };

/** The host of passkeys. Without a domain the distribution has one host alone. */
const domain: Record<string, string> =
  stage.consoleDomain === undefined ? {} : { GATEPOST_CONSOLE_DOMAIN: stage.consoleDomain };

// The secrets of the channel are for the function that sends the mails.
const mail: Record<string, string> =
  stage.mailLanguage === undefined ? {} : { GATEPOST_MAIL_LANGUAGE: stage.mailLanguage };

// Push services of phones want to know whom they can write to.
export const contact: Record<string, string> =
  stage.alarmEmail === undefined ? {} : { GATEPOST_CONTACT: stage.alarmEmail };

export const api = lambda("api", { memory: "1024 MB", timeout: "29 seconds" }, rights, {
  GATEPOST_CURSOR_SECRET: cursorSecret.base64,
  GATEPOST_FACTOR_KEY: factorKey.base64,
  GATEPOST_EDGE_SECRET: edgeSecret.base64,
  GATEPOST_JOBS_URL: jobs.url,
  ...contact,
  ...photoLinks,
  ...company,
  ...domain,
  ...mail,
});

/**
 * The routes of the API. The first parts of their paths are reserved: no key has such a name. Beside
 * `GET /{token}/{proxy+}`, the method could win over the words of `ANY /v1/{proxy+}`: so these have a route of GET, too.
 */
const readerRoutes = [
  ...["/v1/{proxy+}", "/SophonDevice/{proxy+}"].flatMap((path) => [`GET ${path}`, `ANY ${path}`]),
  ...["/healthz", "/openapi.json", "/docs"].map((path) => `ANY ${path}`),
];

// They have separate throttles, so that they cannot use up the throttle of the boxes.
const readers = readerRoutes.map((route) => limited(route, api.targetArn, stage.readerThrottle));

routeSettings.resolve($util.all([otherRoute, ...readers]));
