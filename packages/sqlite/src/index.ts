export { isBusy } from "./codes.ts";
export { makeFolder, syncFolder } from "./folder.ts";
export { lock } from "./lock.ts";
export { migrate } from "./migrate.ts";
export { Reader } from "./reader.ts";
export { Slack } from "./slack.ts";
export { Wal } from "./wal.ts";
export { type CommittedPages, WalFrames } from "./wal-frames.ts";
export { Writer } from "./writer.ts";
