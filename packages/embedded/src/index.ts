export { exportPictures } from "./pictures/export.ts";
export { type Machine, type MachineOptions, openMachine } from "./runtime.ts";
export { MachineBusy } from "./db/data-dir-locked.ts";
export { type Served, type ServeOptions, serve } from "./http/server.ts";
