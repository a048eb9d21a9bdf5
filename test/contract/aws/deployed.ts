import { vi } from "vitest";
import type { TestRuntime } from "./runtime.ts";

/** Lets functions be imported as Lambda does it: for the first time, with the variables of a deployment. */
export function deploy({ table, bucket, bus }: TestRuntime["names"], variables: Record<string, string> = {}): void {
  vi.resetModules();
  const all = { GATEPOST_TABLE: table, GATEPOST_BUCKET: bucket, GATEPOST_BUS: bus, ...variables };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
}

/** Leaves nothing of it for the next file, which may be run by this process too. */
export function undeploy(): void {
  vi.unstubAllEnvs();
  vi.resetModules();
}
