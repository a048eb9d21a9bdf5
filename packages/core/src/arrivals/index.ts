export { ArrivalTrace, type Outcome, type Quarantined } from "./arrivals.ts";
export { sayingFirstReports } from "./first-reports.ts";
export {
  type ConnectionRefusal,
  connectionRefusals,
  type Refusal,
  type RefusalKind,
  RefusalTrace,
  type Refused,
} from "./refusals.ts";
