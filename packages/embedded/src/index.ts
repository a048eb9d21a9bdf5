export { exportPictures } from "./export-pictures.ts";
export { type Machine, type MachineOptions, openMachine } from "./machine.ts";
export { MachineBusy } from "./machine-busy.ts";
export { type Served, type ServeOptions, serve } from "./server.ts";
