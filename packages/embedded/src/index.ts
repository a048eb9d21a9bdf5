export { makeFolder, syncFolder } from "@gatepost/sqlite";
export { backUp } from "./backup/backup.ts";
export { BackupRefused } from "./backup/refused.ts";
export { restore } from "./backup/restore.ts";
export { DataDirLocked } from "./db/data-dir-locked.ts";
export { type Served, type ServeOptions, serve } from "./http/server.ts";
export { isLoopback, type MetricsAddress, serveMetrics } from "./metrics/server.ts";
export { exportPictures } from "./pictures/export.ts";
export { openRuntime, type Runtime, type RuntimeOptions } from "./runtime.ts";
