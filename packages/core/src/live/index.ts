export { type LiveConfiguration, readConfiguration } from "./configuration.ts";
export { LiveMessages } from "./messages.ts";
