export { ArrivalTrace, type Outcome, type Quarantined } from "./arrivals.ts";
export { ConnectionTrace } from "./connections.ts";
export { logFirstReports, type RecordListener, type ReportStore } from "./listeners.ts";
export { Receipts } from "./receipts.ts";
export {
  type ConnectionRefusal,
  connectionRefusals,
  type RefusalKind,
  RefusalTrace,
  type Refused,
  type RefusedRequest,
} from "./refusals.ts";
