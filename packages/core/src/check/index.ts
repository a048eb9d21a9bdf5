export { type CheckPorts, CheckSteps, checkedEvent, runCheck, type Step } from "./check.ts";
export { eventually } from "./eventually.ts";
