export { type CheckPorts, CheckSteps, changesForCheck, checkedEvent, runCheck, type Step } from "./check.ts";
export { eventually } from "./eventually.ts";
