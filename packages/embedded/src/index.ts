export { exportPictures } from "./export-pictures.ts";
export { MachineBusy } from "./lock.ts";
export { type Machine, type MachineOptions, openMachine } from "./machine.ts";
export { type Served, type ServeOptions, serve } from "./server.ts";
