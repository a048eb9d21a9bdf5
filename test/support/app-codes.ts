import { Secret, TOTP } from "otpauth";

/** The code that an app shows for a seed at a time, ms since 1970. */
export function codeAt(secret: string, timestamp: number): string {
  return TOTP.generate({ secret: Secret.fromBase32(secret), timestamp });
}
