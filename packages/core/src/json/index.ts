export {
  backslash,
  endOfByteString,
  endOfString,
  isEscaped,
  isEscapedByte,
  isOpening,
  jsonNumber,
  marks,
  quote,
} from "./grammar.ts";
export { type JsonVisitor, type Scan, scan, visitJson } from "./scan.ts";
