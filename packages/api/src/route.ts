import { faultInWords, GatepostError, nothingAtThis } from "@gatepost/core/errors";
import { explain, readParameters } from "@gatepost/core/lists";
import type { Context } from "hono";
import * as z from "zod";
import { admit, fromOf, type KeyedFacts } from "./access/admit.ts";
import { type Audits, audited } from "./access/audited.ts";
import type { Caller, From } from "./access/caller.ts";
import { type Dear, requireFresh } from "./access/fresh.ts";
import { requirePeople } from "./access/people-on.ts";
import { portsFor } from "./access/ports-for.ts";
import { noBody, readBody } from "./body.ts";
import type { ApiEnv, ApiPorts } from "./ports.ts";

/** The request of a route, read by its schemas. */
interface AskedParts<Path, Query, Body> {
  path: Path;
  query: Query;
  body: Body;
  headers: Headers;
}

/** The description of a route for the document, beside its schemas. */
export interface About {
  summary: string;
  detail?: string;
  /** The answer of success. Without a schema it has no body, or one of `contentTypes`. */
  answer: { status: number; is: string; schema?: z.core.$ZodType; contentTypes?: readonly string[] };
  /** The body as the document has it, if its form is only for programs of this version. */
  body?: z.core.$ZodType;
  /** Another answer of success: the request is not done yet. */
  also?: { status: number; is: string; schema: z.core.$ZodType };
  /** Other statuses of success, and refusals that mean something of their own here. */
  others?: Readonly<Record<number, string>>;
  /** A request that gets the answer above. */
  example?: {
    path?: Record<string, string>;
    query?: Record<string, string>;
    headers?: Record<string, string>;
    body?: unknown;
  };
}

interface Asks<Path, Query, Body> {
  path: Path;
  query: Query;
  body: Body;
}

const nothing = { path: z.object({}), query: z.object({}), body: noBody };

interface Facts<Path, Query, Body> {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  about: About;
  /** What is left out is empty. */
  asks?: Partial<Asks<Path, Query, Body>>;
  /** The largest body in bytes, if that is more than usual. */
  maxBodyBytes?: number;
  /** Whether its ports are not limited to the site of the query: what it shows of a site depends on others, too. */
  seesOtherSites?: boolean;
}

/** A request that is answered later than it was admitted. */
export interface Later {
  /** Admits the caller again, with the ports that it has now. Throws as at first. */
  again(): Promise<{ caller: Caller; ports: ApiPorts }>;
  /** Calls `gone` when the client is gone. What it returns ends that. */
  onGone(gone: () => void): () => void;
}

/** The input of the function that answers. */
type KeyedAsk<Path, Query, Body> = AskedParts<z.output<Path>, z.output<Query>, z.output<Body>> & {
  caller: Caller;
  later: Later;
};

/** A route that changes something for which an admin key is needed says what it leaves in the audit log. */
interface KeyedDefinition<Path extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType>
  extends Facts<Path, Query, Body>,
    KeyedFacts {
  audits?: Audits<KeyedAsk<Path, Query, Body>>;
  /** Whether it needs a fresh session. Absent: it never does. */
  dear?: Dear<KeyedAsk<Path, Query, Body>>;
  /**
   * Throws if a request must be refused before anything begins. Such a request leaves no entry in the audit log:
   * otherwise any client could fill the log with refused requests.
   */
  refuses?(asked: KeyedAsk<Path, Query, Body>, deps: ApiPorts): Promise<void>;
  /** The route whose audit entry covers this one, because it must be called first. */
  auditedBy?: string;
  answer(asked: KeyedAsk<Path, Query, Body>, deps: ApiPorts): Promise<Response>;
  /**
   * Does the work that `answer` has stored, once the audit log has its result, and answers. If the process ends
   * before, another one does the rest.
   */
  after?(stored: Response, deps: ApiPorts): Promise<Response>;
}

export interface Route extends Facts<z.ZodObject, z.ZodObject, z.ZodType>, Partial<KeyedFacts> {
  asks: Asks<z.ZodObject, z.ZodObject, z.ZodType>;
  isAudited: boolean;
  isDear: boolean;
  answer(c: Context<ApiEnv>): Promise<Response>;
}

/**
 * Binds the schemas of what a route is asked to the function that answers. The function gets its ports as the caller
 * has them: what a limited caller does not see is not in them, nor other sites than the one that the query names.
 */
export function route<
  Path extends z.ZodObject = typeof nothing.path,
  Query extends z.ZodObject = typeof nothing.query,
  Body extends z.ZodType = typeof noBody,
>({
  answer,
  after = async (answered) => answered,
  audits,
  auditedBy,
  dear,
  refuses,
  asks: some,
  ...facts
}: KeyedDefinition<Path, Query, Body>): Route {
  const asks = { ...nothing, ...some } as Asks<Path, Query, Body>;
  return {
    ...facts,
    asks,
    isAudited: audits !== undefined || auditedBy !== undefined,
    isDear: dear !== undefined,
    async answer(c) {
      const deps = c.env.ports;
      const caller = await admit(c, facts, deps);
      if (facts.isOfPeople === true) await requirePeople(deps);
      const parts = await read(c, { ...facts, asks });
      const portsOf = ({ boxes, key }: Caller) =>
        portsFor(
          { boxes, query: facts.seesOtherSites === true ? {} : parts.query, ofActions: key?.scope === "settle" },
          deps,
        );
      const later: Later = {
        again: async () => {
          const now = await admit(c, facts, deps);
          return { caller: now, ports: await portsOf(now) };
        },
        onGone: c.env.onGone ?? (() => () => {}),
      };
      const asked = { ...parts, caller, later };
      const ports = await portsOf(caller);
      await refuses?.(asked, ports);
      if (dear !== undefined) await requireFresh(dear, asked, deps);
      // What a request stores about people must not stay if it read them before their erasure.
      const mayStorePeople = facts.isOfPeople === true && facts.method !== "GET";
      const act = () => (mayStorePeople ? deps.eraser.alongside(() => answer(asked, ports)) : answer(asked, ports));
      return after(await (audits === undefined ? act() : audited(audits, { asked, deps, act })), ports);
    },
  };
}

/** The same for a route that needs no key. It gets the addresses of the request. */
export function openRoute<
  Path extends z.ZodObject = typeof nothing.path,
  Query extends z.ZodObject = typeof nothing.query,
  Body extends z.ZodType = typeof noBody,
>({
  answer,
  asks: some,
  ...facts
}: Facts<Path, Query, Body> & {
  answer(
    asked: AskedParts<z.output<Path>, z.output<Query>, z.output<Body>> & { from: From },
    deps: ApiPorts,
  ): Promise<Response>;
}): Route {
  const asks = { ...nothing, ...some } as Asks<Path, Query, Body>;
  return {
    ...facts,
    asks,
    isAudited: false,
    isDear: false,
    answer: async (c) => answer({ ...(await read(c, { ...facts, asks })), from: fromOf(c) }, c.env.ports),
  };
}

/**
 * The text of a part of a path. A gateway decodes slashes before it passes a path on, and browsers resolve dots: such a text
 * is sent as `.` and the base64url of its UTF-8.
 */
function textOfPart(part: string): string {
  const encoded = part.startsWith(".") ? part.slice(1) : "";
  const text = Buffer.from(encoded, "base64url").toString();
  return text !== "" && Buffer.from(text).toString("base64url") === encoded ? text : part;
}

/** Throws 404, 400 or 413 if the request does not match the schemas. */
async function read<Path extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType>(
  { req }: Context<ApiEnv>,
  { method, path: place, asks, maxBodyBytes }: Facts<Path, Query, Body> & { asks: Asks<Path, Query, Body> },
): Promise<AskedParts<z.output<Path>, z.output<Query>, z.output<Body>>> {
  const parts = Object.entries<string>(req.param()).map(([name, part]) => [name, textOfPart(part)]);
  const path = asks.path.safeParse(Object.fromEntries(parts), { error: faultInWords });
  if (!path.success) {
    // The client chooses the id of what it makes by PUT, so it gets the form of ids.
    const isChosen = method === "PUT" && /:\w+$/.test(place);
    throw isChosen
      ? new GatepostError("bad-request", explain(path.error))
      : new GatepostError("not-found", nothingAtThis);
  }
  const query = readParameters(new URL(req.url).searchParams, asks.query);
  const body = await readBody(req.raw, asks.body, maxBodyBytes);
  return { path: path.data, query, body, headers: req.raw.headers };
}
