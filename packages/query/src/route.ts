import { GatepostError, type Scope } from "@gatepost/ingest";
import type { Context } from "hono";
import type * as z from "zod";
import { readBody } from "./body.ts";
import { readParameters } from "./parameters.ts";
import type { ApiPorts } from "./ports.ts";

export interface ApiEnv {
  /** What the runtime passes with a request: the address of the client, and whom to tell that it has a live key. */
  Bindings: { address?: string; onAdmitted?: () => void };
}

export const readers: readonly Scope[] = ["read", "admin"];
export const admins: readonly Scope[] = ["admin"];

/** The request of a route, read by its schemas. */
interface Asked<Path, Query, Body> {
  path: Path;
  query: Query;
  body: Body;
  headers: Headers;
}

/** What the document says of a route beyond its schemas. */
export interface About {
  summary: string;
  detail?: string;
  /** The answer of success. Without a schema it has no body, or one of `contentTypes`. */
  answer: { status: number; is: string; schema?: z.core.$ZodType; contentTypes?: readonly string[]; example?: unknown };
  /** Other statuses than those that follow from its schemas and scopes. */
  others?: Readonly<Record<number, string>>;
  /** A request that gets the answer above. */
  example?: { path?: Record<string, string>; query?: Record<string, string>; body?: unknown };
}

interface Definition<Path extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> {
  method: "GET" | "POST" | "DELETE";
  path: string;
  /** The scopes of keys that may use it; null where no key is needed. */
  scopes: readonly Scope[] | null;
  /** Where clients cannot send headers, the key may be in the query as `token`. */
  keyIn?: "query";
  about: About;
  asks: { path: Path; query: Query; body: Body };
  answer(asked: Asked<z.output<Path>, z.output<Query>, z.output<Body>>, deps: ApiPorts): Promise<Response>;
}

export interface Route extends Omit<Definition<z.ZodObject, z.ZodObject, z.ZodType>, "answer"> {
  answer(c: Context<ApiEnv>, deps: ApiPorts): Promise<Response>;
}

/** Binds the schemas of what a route is asked to the function that answers. */
export function route<Path extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType>({
  answer,
  ...facts
}: Definition<Path, Query, Body>): Route {
  const { asks } = facts;
  return {
    ...facts,
    async answer(c, deps) {
      const path = asks.path.safeParse(c.req.param());
      if (!path.success) throw new GatepostError("not-found", "there is nothing at this address");
      const query = readParameters(new URL(c.req.url).searchParams, asks.query);
      const body = await readBody(c.req.raw, asks.body);
      return answer({ path: path.data, query, body, headers: c.req.raw.headers }, deps);
    },
  };
}
