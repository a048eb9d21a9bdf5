import { createHmac } from "node:crypto";
import type { AuditAbout, AuditEntry } from "@gatepost/core/audit";
import { visible } from "@gatepost/core/errors";
import { omitAbsent } from "@gatepost/protocol";
import type * as z from "zod";
import type { ApiPorts } from "../ports.ts";
import type { Caller } from "./caller.ts";

/** What an entry is about. What is undefined or null is left out. */
export type About = Record<string, AuditAbout[string] | null | undefined>;

/** How a route describes its entries in the audit log. */
export interface Audits<Asked> {
  /** Null for a request that leaves no entry. */
  action: AuditEntry["action"] | ((asked: Asked) => AuditEntry["action"] | null);
  /**
   * What the entry is about, from the request.
   *
   * @param hidden makes a keyed hash of an id. It must be used for every id of a person or an event
   */
  about?(asked: Asked, hidden: (id: string) => string): About;
  /** Reads from the JSON of the answer what the entry says in addition. */
  tells?: z.ZodType<AuditAbout>;
}

type AuditPorts = Pick<ApiPorts, "audit" | "cursorSecret" | "log">;

/**
 * Runs the action of a route between two entries of the audit log. Without the first entry nothing is done; the second
 * records the result. If the second cannot be written, that is logged.
 */
export async function audited<Asked extends { caller: Caller }>(
  { action, about, tells }: Audits<Asked>,
  { asked, deps, act }: { asked: Asked; deps: AuditPorts; act(): Promise<Response> },
): Promise<Response> {
  const named = typeof action === "function" ? action(asked) : action;
  if (named === null) return act();
  const hidden = (id: string) => hiddenId(id, deps.cursorSecret);
  const { id, address } = asked.caller;
  const entry = {
    action: named,
    by: id,
    from: hiddenAddress(address, deps.cursorSecret),
    about: omitAbsent(about?.(asked, hidden) ?? {}),
  };
  const number = await deps.audit.note({ ...entry, outcome: "asked" });
  const end = async (outcome: AuditEntry["outcome"], more: AuditAbout = {}) => {
    try {
      await deps.audit.note({ ...entry, outcome, about: { ...entry.about, ...more, asked: number } });
    } catch (cause) {
      deps.log.error("could not write the result of an action to the audit log", { cause, asked: number, outcome });
    }
  };
  let answer: Response;
  try {
    answer = await act();
  } catch (error) {
    await end(visible(error).status < 500 ? "refused" : "failed");
    throw error;
  }
  await end("done", tells === undefined ? {} : tells.parse(await answer.clone().json()));
  return answer;
}

/** A keyed hash of an id: the same for the same id, and it does not reveal the id. */
function hiddenId(id: string, secret: Buffer): string {
  return createHmac("sha256", secret).update("audit id\0").update(id).digest("hex");
}

/** The same for the address of a client, shorter; null if there is none. */
export function hiddenAddress(address: string, secret: Buffer): string | null {
  if (address === "") return null;
  return createHmac("sha256", secret).update("audit address\0").update(address).digest("hex").slice(0, 16);
}
