export { type Notified, Notifier, type NotifierDeps } from "./notifier.ts";
export { maxPassingAgeSeconds, pushedTypes, pushPattern } from "./wanted.ts";
