import * as z from "zod";
import { type Connection, connect } from "./connect.ts";
import { Failure, WrongUsage } from "./failure.ts";
import type { Target } from "./options.ts";

interface Question<Schema extends z.core.$ZodType> {
  method?: "GET" | "POST" | "DELETE";
  path: string;
  body?: unknown;
  /** What the answer must be. */
  answer: Schema;
}

export interface Api {
  /** Under which address boxes reach it, as far as is known here. */
  publicUrl: string;
  /** The address of its server; null where none runs. */
  url: string | null;
  /** Throws Failure with what the API says is to be done. */
  ask<Schema extends z.core.$ZodType>(question: Question<Schema>): Promise<z.output<Schema>>;
  /** Gets whatever is at a path, and does not judge the answer. */
  get(path: string): Promise<Response>;
}

/** For questions that have no answer but that it was done. */
export const nothing = z.null();

/** Opens the connection that a command needs, and closes it in any case. */
export async function withApi<Result>(target: Target, use: (api: Api) => Promise<Result>): Promise<Result> {
  const connection = await connect(target);
  try {
    return await use(apiOf(connection));
  } finally {
    await connection.close();
  }
}

function apiOf(connection: Connection): Api {
  const { publicUrl, url } = connection;
  return {
    publicUrl,
    url,
    ask: (question) => ask(connection, question),
    get: (path) => connection.fetch(path, { method: "GET", body: null }),
  };
}

async function ask<Schema extends z.core.$ZodType>(
  connection: Connection,
  { method = "GET", path, body, answer }: Question<Schema>,
): Promise<z.output<Schema>> {
  const response = await connection.fetch(path, { method, body: body === undefined ? null : JSON.stringify(body) });
  const content = parse(await response.text());
  if (!response.ok) throw refusal(response.status, content, connection.place);
  const read = z.safeParse(answer, content);
  if (!read.success)
    throw new Failure(`no Gatepost of this version answers at ${connection.place}: ${z.prettifyError(read.error)}`);
  return read.data;
}

function parse(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(status: number, content: unknown, place: string): Failure {
  const problem = z.object({ detail: z.string() }).safeParse(content);
  if (!problem.success)
    return new Failure(`no Gatepost answers at ${place}, but something that says ${status}; is it the right address?`);
  const { detail } = problem.data;
  if (status === 401)
    return new Failure(`${place} does not know the key in --token or GATEPOST_TOKEN; send a live key of scope admin`);
  return status === 400 ? new WrongUsage(detail) : new Failure(detail);
}
