export { passwordFault } from "./fault.ts";
export { hashPassword, verifyPassword } from "./passwords.ts";
export { SignInTries, type Try } from "./tries.ts";
