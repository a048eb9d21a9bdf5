/** The parser alone. The entry of the package would bring its writer into every function that takes reports. */
declare module "fast-xml-parser/src/xmlparser/XMLParser.js" {
  export { XMLParser as default } from "fast-xml-parser";
}
