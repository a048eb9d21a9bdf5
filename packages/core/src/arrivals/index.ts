export { ArrivalTrace, type Outcome, type Quarantined } from "./arrivals.ts";
export { logFirstReports, type RecordListener, type ReportStore } from "./listeners.ts";
export {
  type ConnectionRefusal,
  connectionRefusals,
  type Refusal,
  type RefusalKind,
  RefusalTrace,
  type Refused,
} from "./refusals.ts";
export { type UnknownTerminal, UnknownTerminals } from "./unknown-terminals.ts";
