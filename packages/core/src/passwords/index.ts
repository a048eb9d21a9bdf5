export { passwordFault } from "./fault.ts";
export { hashPassword, type Passwords, scryptPasswords, verifyPassword } from "./passwords.ts";
export { SignInTries, type Try } from "./tries.ts";
