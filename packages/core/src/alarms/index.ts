export { AlarmRecords, type AlarmSettings, maxTellAfter } from "./settings.ts";
export { AlarmWatch } from "./watch.ts";
