export { api } from "./api.ts";
export { type EventFilter, matches } from "./listing.ts";
export { type LiveConfiguration, type LiveForm, readConfiguration } from "./live/configuration.ts";
export { changeBy, type LiveChange, notificationFor } from "./live/notification.ts";
export { type LivePictures, picturesIn, render } from "./live/rendering.ts";
export * from "./ports.ts";
export type { ApiEnv } from "./route.ts";
export { searchTexts } from "./search-texts.ts";
