export { refuse, send } from "./answer.ts";
export { Bodies } from "./bodies.ts";
export { type Listening, listen } from "./listen.ts";
export { jsonLog } from "./log.ts";
export { boxRequestHead } from "./request-head.ts";
