export { api } from "./api.ts";
export * from "./ports.ts";
export type { ApiEnv } from "./route.ts";
