/** The facts of an address that decide the name and the path of a cookie. */
export interface CookiePlace {
  isHttps: boolean;
  /** The path of the public address, as `/gate`; empty if it has none. */
  basePath: string;
}

/**
 * The prefix of a name. By https it keeps other hosts of the domain from setting the cookie. A browser takes `__Host-` for
 * a whole host alone; below a path, `__Secure-` keeps pages by http from setting it.
 */
function prefixOf({ isHttps, basePath }: CookiePlace): string {
  if (!isHttps) return "";
  return basePath === "" ? "__Host-" : "__Secure-";
}

/** The cookie of a session. */
function sessionName(place: CookiePlace): string {
  return `${prefixOf(place)}gatepost`;
}

/** The cookie of a sign-in that is under way at the provider. */
export function flowCookieName(place: CookiePlace): string {
  return `${prefixOf(place)}gatepost-oidc`;
}

/** The cookie of a sign-in that awaits its second step. */
export function halfCookieName(place: CookiePlace): string {
  return `${prefixOf(place)}gatepost-half`;
}

/** The cookie of a challenge that a passkey has to sign. */
export function challengeCookieName(place: CookiePlace): string {
  return `${prefixOf(place)}gatepost-passkey`;
}

/** The value of a cookie of a request. */
export function cookieIn(headers: Headers, name: string): string | undefined {
  const pairs = (headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** The token in the session cookie of a request. The cookie of the other protocol does not count. */
export function sessionTokenIn(headers: Headers, place: CookiePlace): string | undefined {
  return cookieIn(headers, sessionName(place));
}

/**
 * The session cookie. Scripts cannot read it, and other sites cannot send it with a write. By http it is
 * sent with requests of our own pages alone.
 *
 * @param maxAge seconds; null: until the browser is closed
 */
export function sessionCookie(token: string, { maxAge, ...place }: CookiePlace & { maxAge: number | null }): string {
  const { isHttps, basePath } = place;
  const age = maxAge === null ? "" : `; Max-Age=${maxAge}`;
  const bounds = `HttpOnly; ${isHttps ? "Secure; SameSite=Lax" : "SameSite=Strict"}; Path=${basePath}/${age}`;
  return `${sessionName(place)}=${token}; ${bounds}`;
}

/** The cookie of a sign-in that awaits its second step. Only our own pages send it. */
export function halfCookie(token: string, { maxAge, ...place }: CookiePlace & { maxAge: number }): string {
  return `${halfCookieName(place)}=${token}; ${ofOwnPages(place, maxAge)}`;
}

/** The cookie of a sealed challenge. Only our own pages send it. */
export function challengeCookie(sealed: string, { maxAge, ...place }: CookiePlace & { maxAge: number }): string {
  return `${challengeCookieName(place)}=${sealed}; ${ofOwnPages(place, maxAge)}`;
}

function ofOwnPages({ isHttps, basePath }: CookiePlace, maxAge: number): string {
  return `HttpOnly; ${isHttps ? "Secure; " : ""}SameSite=Strict; Path=${basePath}/; Max-Age=${maxAge}`;
}

/** The cookie of a sign-in at the provider. The provider is another site, so it is sent with the way back from there. */
export function flowCookie(sealed: string, { maxAge, ...place }: CookiePlace & { maxAge: number }): string {
  const { isHttps, basePath } = place;
  const bounds = `HttpOnly; ${isHttps ? "Secure; " : ""}SameSite=Lax; Path=${basePath}/; Max-Age=${maxAge}`;
  return `${flowCookieName(place)}=${sealed}; ${bounds}`;
}
