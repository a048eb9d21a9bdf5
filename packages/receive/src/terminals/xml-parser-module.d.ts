/** The parser alone. The entry of the package would bring its writer into every function that takes reports. */
export { XMLParser as default } from "fast-xml-parser";
