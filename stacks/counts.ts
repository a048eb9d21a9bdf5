/// <reference path="../.sst/platform/config.d.ts" />
import { keeping } from "./bus.ts";

/**
 * The queue of batches that could not be counted within 23 hours. A message has the position in the stream of the
 * table.
 */
export const uncounted = keeping("Uncounted");
