import type { Log } from "@gatepost/ingest";

/** A log that says nothing. */
export const quiet: Log = { info() {}, warn() {}, error() {} };
