/// <reference path="../.sst/platform/config.d.ts" />
import { keeping } from "./bus.ts";

/** The queue of batches that were not counted within 23 hours: it has their position in the stream of the table. */
export const uncounted = keeping("Uncounted");
