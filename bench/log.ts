import type { Log } from "@gatepost/core/log";

/** A log that says nothing. */
export const quiet: Log = { info() {}, warn() {}, error() {} };
