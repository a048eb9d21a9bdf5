/** A route of an HTTP API, and the function it leads to. */
export interface Route {
  /** As "POST /{token}/HistoryEvent", "ANY /v1/{proxy+}" or "$default". */
  key: string;
  lambda: string;
}

export interface Matched {
  route: Route;
  parameters: Record<string, string>;
}

/** The most specific route: words before variables, one part before all that follow, a method before ANY; then $default. */
export function match(routes: readonly Route[], method: string, path: string): Matched | null {
  const fitting = routes.flatMap((route) => {
    const parameters = fit(route.key, method, path);
    return parameters === null ? [] : [{ route, parameters }];
  });
  const [best = null] = fitting.sort((one, other) => vagueness(one.route.key) - vagueness(other.route.key));
  return best;
}

function fit(key: string, method: string, path: string): Record<string, string> | null {
  if (key === "$default") return {};
  const [ofMethod, template = ""] = key.split(" ");
  if (ofMethod !== "ANY" && ofMethod !== method) return null;
  const pattern = template
    .split("/")
    .map((part) => part.replace(/^\{(\w+)(\+?)\}$/, (_, name, greedy) => `(?<${name}>${greedy ? ".+" : "[^/]+"})`))
    .map((part) => (part.startsWith("(?<") ? part : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  const found = new RegExp(`^${pattern.join("/")}$`).exec(path);
  return found === null ? null : { ...found.groups };
}

function vagueness(key: string): number {
  if (key === "$default") return 1000;
  const variables = key.match(/\{\w+\}/g)?.length ?? 0;
  return (key.includes("+}") ? 100 : 0) + variables * 10 + (key.startsWith("ANY ") ? 1 : 0);
}
