export {
  answerToKept,
  answerToQuestion,
  answerToTable,
  answerWithoutKey,
  keepAliveAnswer,
  notTakenAnswer,
} from "./answers.ts";
export { terminalForms } from "./forms.ts";
export { type IclockRequest, iclockQuestion, iclockRequest, segmentsOf } from "./iclock.ts";
export { keyOfSerial, terminals } from "./terminals.ts";
export { readXml } from "./xml.ts";
