export type { View, ViewChange } from "./view.ts";
export { Views } from "./views.ts";
