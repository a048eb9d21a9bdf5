import { routes } from "@gatepost/core/paths";

/** The URLs to paste into a box, by the route that each is for. */
export function boxUrls(base: string, token: string): Record<string, string> {
  return Object.fromEntries(routes.map(({ path }) => [path.slice(1), `${base}/${token}${path}`]));
}

/** One line for each URL, with its route before it. */
export function labelled(urls: Readonly<Record<string, string>>): string[] {
  const width = Math.max(...Object.keys(urls).map((route) => route.length));
  return Object.entries(urls).map(([route, url]) => `  ${route.padEnd(width)}  ${url}`);
}
