/// <reference path="../.sst/platform/config.d.ts" />
import { announcer, pictureWriter, quarantineWriter, reader, reportWriter } from "./access.ts";
import { gateway } from "./ingest.ts";
import { lambda } from "./lambda.ts";

/** The paths of the API. Their first parts are reserved: no key has such a name. */
const routes = ["/v1/{proxy+}", "/SophonDevice/{proxy+}", "/healthz", "/openapi.json", "/docs"];

// It replays what is in quarantine, which is to take reports.
const link = [reader, reportWriter, pictureWriter, quarantineWriter, announcer];

/** Equal for all that answer for this table, for ever: cursors are signed with it. */
const cursorSecret = new random.RandomBytes("CursorSecret", { length: 32 });

export const api = lambda("api", { memory: "1024 MB", timeout: "29 seconds" }, link, {
  GATEPOST_CURSOR_SECRET: cursorSecret.base64,
});

for (const route of routes) gateway.route(`ANY ${route}`, api.targetArn);
