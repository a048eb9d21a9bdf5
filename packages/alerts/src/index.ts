export type { AlerterDeps, AlertOutcome } from "./alerter.ts";
export { Alerter } from "./alerter.ts";
export { mailerOf } from "./mailer.ts";
export { previewOf } from "./preview.ts";
