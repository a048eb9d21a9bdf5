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
import { jobs } from "./job-queue.ts";
import { lambda } from "./lambda.ts";
import { sockets } from "./sockets.ts";

// It replays what is in quarantine, which is to take reports.
const link = [reader, recordKeeper, pictureWriter, quarantineWriter, announcer, exportKeeper, jobStarter];

/** Equal for all that answer for this table, for ever: cursors are signed with it. */
export const cursorSecret = new random.RandomBytes("CursorSecret", { length: 32 });

/** By it the API knows the distribution in front. Of another length than the other, so that nobody takes one for it. */
export const edgeSecret = new random.RandomBytes("EdgeSecret", { length: 24 });

export const api = lambda("api", { memory: "1024 MB", timeout: "29 seconds" }, link, {
  GATEPOST_CURSOR_SECRET: cursorSecret.base64,
  GATEPOST_EDGE_SECRET: edgeSecret.base64,
  GATEPOST_JOBS_URL: jobs.url,
  GATEPOST_LIVE_URL: sockets.url,
});
