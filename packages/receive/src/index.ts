export { type Admission, authenticate } from "./auth/authenticate.ts";
export { KeyMeters } from "./auth/key-meter.ts";
export { piecesOf } from "./decode/batch.ts";
export { Body } from "./decode/body.ts";
export { readXml } from "./decode/xml.ts";
export type { Kept, Origin } from "./deliver/kept.ts";
export type { LargeBodies, ReadAs, Reading } from "./deliver/large-bodies.ts";
export { ReadingHere, readHere } from "./deliver/reading.ts";
export { deliver, type Receiver, receiver } from "./deliver/receiver.ts";
export { portsForApi, replay } from "./deliver/replay.ts";
export {
  type BoxRequest,
  type IclockRequest,
  iclockQuestion,
  iclockRequest,
  type RequestHead,
  requestHead,
} from "./deliver/request.ts";
export {
  answerToKept,
  answerToQuestion,
  answerToTable,
  answerWithoutKey,
  keepAliveAnswer,
  refusalOf,
} from "./deliver/terminal-answers.ts";
export type { Understood } from "./deliver/understand.ts";
export type { Ports, ReceiverPorts } from "./ports.ts";
