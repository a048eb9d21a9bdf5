import type { Route } from "../route.ts";

type Named = Pick<Route, "method" | "path">;

/** Last parts of paths that are verbs. */
const verbs = new Set([
  ...["close", "count", "end", "find", "ping", "preview", "replay", "send", "suggest", "test", "try", "undo", "verify"],
]);

/** Singulars that no rule gives. */
const singulars: Readonly<Record<string, string>> = { hours: "hours-day", people: "person" };

/** Names that programs would not find by the rule. */
const others: Readonly<Record<string, string>> = {
  "POST /v1/acknowledgements": "acknowledgeEvents",
  "POST /v1/events/missing": "findMissingEvents",
  "POST /v1/accounts/first": "createFirstAccount",
  "POST /v1/invitations/:token": "acceptInvitation",
  "GET /v1/mappings/:id/undo": "previewUndoOfMapping",
  "POST /v1/mutes/:link": "mutePerson",
  "GET /v1/me/factors": "listFactors",
  "POST /v1/me/factors": "createFactor",
  "POST /v1/me/factors/:id/confirm": "confirmFactor",
  "DELETE /v1/me/factors/:id": "deleteFactor",
  "POST /v1/sessions/factor": "signInByFactor",
  "POST /v1/sessions/factor/options": "getFactorOptions",
  "POST /v1/sessions/passkey/options": "getPasskeyOptions",
  "POST /v1/sign-in/setup": "signInByLink",
  "POST /v1/sign-in/key": "signInByKey",
};

/**
 * The id of an operation, which generators take as the name of a function. It follows from the method and the path:
 * a path with others below it by id is a list.
 *
 * @example operationId({ method: "GET", path: "/v1/events/:id" }, routes) // "getEvent"
 */
export function operationId({ method, path }: Named, routes: readonly Named[]): string {
  const named = others[`${method} ${path}`];
  if (named !== undefined) return named;
  const parts = path.split("/").filter((part) => part !== "" && part !== "v1");
  const last = parts.at(-1) ?? "";
  const isItem = last.startsWith(":");
  const verb = verbs.has(last) ? last : verbOf(method, isItem, isList(path, routes));
  const nouns = parts.flatMap((part, at) => {
    if (part.startsWith(":") || (part === last && verbs.has(part))) return [];
    const isOne = parts[at + 1]?.startsWith(":") === true || (part === last && verb === "create");
    return [isOne ? singularOf(part) : part];
  });
  return [verb, ...nouns.flatMap((noun) => noun.split("-")).map(capitalized)].join("");
}

function verbOf(method: Named["method"], isItem: boolean, isList: boolean): string {
  if (method === "GET") return isList ? "list" : "get";
  if (method === "POST") return isItem ? "update" : "create";
  return { PUT: "set", PATCH: "update", DELETE: "delete" }[method];
}

function isList(path: string, routes: readonly Named[]): boolean {
  return routes.some((route) => route.path.startsWith(`${path}/:`));
}

function singularOf(plural: string): string {
  return singulars[plural] ?? plural.replace(/ies$/, "y").replace(/(?<=box)es$|s$/, "");
}

export function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
