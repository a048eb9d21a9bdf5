export {
  endOfByteString,
  endOfString,
  isEscaped,
  isEscapedByte,
  isOpening,
  jsonNumber,
  marks,
} from "./grammar.ts";
export { type JsonVisitor, type Scan, scan, visitJson } from "./scan.ts";
