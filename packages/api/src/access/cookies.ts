/** The cookie of a session. By https its prefix keeps other hosts of the domain from setting it. */
const names = { https: "__Host-gatepost", http: "gatepost" } as const;

/** The cookie of a sign-in that is under way at the provider. */
export function flowCookieName({ isHttps }: { isHttps: boolean }): string {
  return isHttps ? "__Host-gatepost-oidc" : "gatepost-oidc";
}

/** The value of a cookie of a request. */
export function cookieIn(headers: Headers, name: string): string | undefined {
  const pairs = (headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** The token in the session cookie of a request. The cookie of the other protocol does not count. */
export function sessionTokenIn(headers: Headers, { isHttps }: { isHttps: boolean }): string | undefined {
  return cookieIn(headers, isHttps ? names.https : names.http);
}

/**
 * The session cookie. Scripts cannot read it, and other sites cannot send it with a write. By http it is
 * sent with requests of our own pages alone.
 *
 * @param maxAge seconds; null: until the browser is closed
 */
export function sessionCookie(token: string, { isHttps, maxAge }: { isHttps: boolean; maxAge: number | null }): string {
  const age = maxAge === null ? "" : `; Max-Age=${maxAge}`;
  const bounds = `HttpOnly; ${isHttps ? "Secure; SameSite=Lax" : "SameSite=Strict"}; Path=/${age}`;
  return `${isHttps ? names.https : names.http}=${token}; ${bounds}`;
}

/** The cookie of a sign-in at the provider. The provider is another site, so it is sent with the way back from there. */
export function flowCookie(sealed: string, { isHttps, maxAge }: { isHttps: boolean; maxAge: number }): string {
  const bounds = `HttpOnly; ${isHttps ? "Secure; " : ""}SameSite=Lax; Path=/; Max-Age=${maxAge}`;
  return `${flowCookieName({ isHttps })}=${sealed}; ${bounds}`;
}
