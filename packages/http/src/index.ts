export { finish, refuse, send } from "./answer.ts";
export { Bodies, Incomplete } from "./bodies.ts";
export { type Listening, listen } from "./listen.ts";
export { jsonLog } from "./log.ts";
export { boxRequestHead } from "./request-head.ts";
export { requestTarget } from "./request-target.ts";
