export { notSetUp } from "./failure.ts";
export type { CompanyPorts } from "./ports.ts";
export { type CompanyPerson, CompanyProvider, type ProviderOptions, type Refreshed } from "./provider.ts";
export { type Flow, flowMs, openFlow, openRefresh, sealFlow, sealRefresh } from "./sealed.ts";
export {
  CompanyRecords,
  type CompanySettings,
  type CompanySettingsStore,
  companySettings,
  type Grant,
  grantOf,
  settingsIn,
  writtenSettings,
} from "./settings.ts";
