import type { CompanyProvider } from "./provider.ts";
import type { CompanySettingsStore } from "./settings.ts";

/** The sign-in of a company: its provider, and the settings that map groups to roles. */
export interface CompanyPorts {
  provider: Pick<CompanyProvider, "begin" | "finish" | "refresh">;
  settings: CompanySettingsStore;
}
