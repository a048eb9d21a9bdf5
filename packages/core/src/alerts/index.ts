export { type AlertRow, AlertRowNames, AlertRows } from "./alert-rows.ts";
export { mute, muteLink, openMuteLink } from "./mute.ts";
