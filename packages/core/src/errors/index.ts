export {
  type Answer,
  acknowledged,
  notFound,
  nothingAtThis,
  nothingHere,
  probeResponse,
  refusal,
  securityHeaders,
} from "./answer.ts";
export { all, GatepostError, visible } from "./errors.ts";
export { faultInWords } from "./fault-words.ts";
