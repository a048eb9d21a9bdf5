import { randomBytes } from "node:crypto";

const name = "gatepost_pictures";

/** Seconds for which a cookie for pictures is valid. */
export const cookieSeconds = 3600;

const form = /^gpc_[\w-]{27}$/;

/**
 * The content of a cookie for pictures. It is as hard to guess as a key, and has another form than keys and other
 * tickets.
 */
export function newPictureTicket(): string {
  return `gpc_${randomBytes(20).toString("base64url")}`;
}

/** The ticket in the cookie of a request. */
export function pictureTicketIn(headers: Headers): string | undefined {
  const pairs = (headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  const value = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  return value !== undefined && form.test(value) ? value : undefined;
}

/** Scripts cannot read the cookie, other sites cannot send it, and browsers send it only with requests for events. */
export function pictureCookie(
  ticket: string,
  { isHttps, maxAge = cookieSeconds }: { isHttps: boolean; maxAge?: number },
) {
  const bounds = `HttpOnly; SameSite=Strict; Path=/v1/events; Max-Age=${maxAge}`;
  return `${name}=${ticket}; ${bounds}${isHttps ? "; Secure" : ""}`;
}
