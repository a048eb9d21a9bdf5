export { EnrolledNames, eraseEnrolledNames } from "./names.ts";
