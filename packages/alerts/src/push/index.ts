export { type Notified, Notifier, type NotifierDeps } from "./notifier.ts";
export { isPushed, maxPassingAgeSeconds, pushedTypes, pushPattern } from "./wanted.ts";
