export { type Admission, admit, authenticate } from "./auth/authenticate.ts";
export { KeyMeters } from "./auth/key-meter.ts";
export { piecesOf } from "./decode/batch.ts";
export { Body } from "./decode/body.ts";
export type { TerminalForms } from "./decode/terminal-forms.ts";
export { refusalOf } from "./deliver/answers.ts";
export { uncached } from "./deliver/by-get.ts";
export type { Kept, Origin } from "./deliver/kept.ts";
export type { LargeBodies, ReadAs, Reading } from "./deliver/large-bodies.ts";
export { bodyByGet, receiptHeader } from "./deliver/query-form.ts";
export { ReadingHere, readHere } from "./deliver/reading.ts";
export { deliver, type Receiver, receiver, recordDelivery } from "./deliver/receiver.ts";
export { replay } from "./deliver/replay.ts";
export {
  type Asking,
  type BoxRequest,
  hasNoKeyInHeaders,
  type ReceivedHead,
  type RequestHead,
  requestHead,
} from "./deliver/request.ts";
export type { Understood } from "./deliver/understand.ts";
export type { Ports, ReceiverPorts, Terminals } from "./ports.ts";
export { portsForApi } from "./ports-for-api.ts";
