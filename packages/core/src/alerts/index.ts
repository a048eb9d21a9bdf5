export { type AlertRow, AlertRowNames, AlertRows } from "./alert-rows.ts";
export { mute } from "./mute.ts";
export { muteLink, openMuteLink } from "./mute-link.ts";
