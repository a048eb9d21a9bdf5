import { randomBytes } from "node:crypto";

/** Makes the token in a session cookie: 160 random bits. */
export function newSessionToken(): string {
  return `gps_${randomBytes(20).toString("base64url")}`;
}

/** Whether a text has the form of the token of a session. Other texts are not looked up. */
export function hasSessionForm(text: string): boolean {
  return /^gps_[\w-]{27}$/.test(text);
}

/** Makes the token in an invitation link: 160 random bits. */
export function newInvitationToken(): string {
  return `gpv_${randomBytes(20).toString("base64url")}`;
}

export function hasInvitationForm(text: string): boolean {
  return /^gpv_[\w-]{27}$/.test(text);
}
