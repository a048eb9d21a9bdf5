export { syncFolder } from "./db/data-dir.ts";
export { DataDirLocked } from "./db/data-dir-locked.ts";
export { type Served, type ServeOptions, serve } from "./http/server.ts";
export { exportPictures } from "./pictures/export.ts";
export { openRuntime, type Runtime, type RuntimeOptions } from "./runtime.ts";
