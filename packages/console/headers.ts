/**
 * The headers that the page is sent with. Only what its own server sends is run, shown or asked, and no text becomes a
 * script.
 *
 * @param framedBy origins of pages that may frame it; none by default
 * @param pictures the host that an `<img>` is redirected to; null if its own server shows pictures
 * @example pageHeaders()["content-security-policy"] // "default-src 'none'; script-src 'self'; …"
 */
export function pageHeaders(pictures: string | null = null, framedBy: readonly string[] = []) {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    ["img-src 'self' blob:", pictures].filter(Boolean).join(" "),
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${framedBy.length === 0 ? "'none'" : framedBy.join(" ")}`,
    "require-trusted-types-for 'script'",
  ];
  return {
    "content-security-policy": policy.join("; "),
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  } as const;
}
