import { Refusal } from "./refusal.ts";

/** Why nothing could be asked, for people: what the server answered, or what fetch says, with its cause where it has one. */
export function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return `${error.asked} was answered ${error.status}: ${error.message}`;
  if (!(error instanceof Error)) return `${error}`;
  // The message of Node's fetch is "fetch failed"; what failed is in its cause.
  return error.cause instanceof Error ? `${error.message}: ${causeOf(error.cause)}` : error.message;
}

/** Where an address has several numbers, each of which failed, the message is empty and there is a code. */
function causeOf(cause: Error): string {
  return cause.message || String(Reflect.get(cause, "code") ?? cause.name);
}

/** Why a connection was closed. The line itself gives no reason. */
export function reasonOfClose({ code, reason }: Pick<CloseEvent, "code" | "reason">): string {
  const said = reason || (code === 1006 ? "the connection broke, or the server refused it" : "");
  return said ? `closed with code ${code}: ${said}` : `closed with code ${code}`;
}
