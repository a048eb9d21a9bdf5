export { type Notified, Notifier, type NotifierDeps } from "./notifier.ts";
