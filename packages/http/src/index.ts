export { finish, refuse, type Sendable, send } from "./answer.ts";
export { Bodies, Incomplete } from "./bodies.ts";
export { type ConnectionLimits, Connections } from "./connections.ts";
export { type Listening, listen } from "./listen.ts";
export { jsonLog } from "./log.ts";
export type { PaceLimits } from "./pace.ts";
export { boxRequestHead } from "./request-head.ts";
export { requestTarget } from "./request-target.ts";
export { TrustedProxies } from "./trusted-proxies.ts";
