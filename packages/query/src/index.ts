export { api } from "./api.ts";
export { changeBy, type LiveChange, newsOf } from "./live/notification.ts";
export { type LiveConfiguration, type LiveForm, readConfiguration } from "./live/configuration.ts";
export { type LivePictures, picturesIn, render } from "./live/rendering.ts";
export * from "./ports.ts";
export type { ApiEnv } from "./route.ts";
export { searchTexts } from "./search-texts.ts";
