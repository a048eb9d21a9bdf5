export { EnrolledNames, eraseEnrolledNames } from "./names.ts";
export { type UnknownTerminal, UnknownTerminals } from "./unknown.ts";
