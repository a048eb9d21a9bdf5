export {
  BoxStatusReader,
  type BoxStatusRecord,
  BoxStatusStore,
  eraseStatuses,
  redatedStatus,
  statusPrefix,
} from "./box-statuses.ts";
