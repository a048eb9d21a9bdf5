import { answerSchema } from "@gatepost/api";
import { type Asking, client, type Operation, type Operations, Refusal } from "@gatepost/client";
import { jsonIn } from "@gatepost/protocol";
import * as z from "zod";
import { connect } from "./connect.ts";
import type { Connection } from "./connection.ts";
import { Failure, WrongUsage } from "./failure.ts";
import type { Target } from "./options.ts";
import { readFully } from "./output.ts";

interface Question<Name extends Operation, Answer> extends Asking<Name> {
  /** The schema of the answer, instead of that of its route. */
  answer?: z.core.$ZodType<Answer>;
}

export interface Api {
  /** The address at which boxes reach it, as far as it is known here. */
  publicUrl: string;
  /** The address of its server; null if none runs. */
  url: string | null;
  /**
   * Asks an operation. Throws Failure with the advice of the API if it refuses, and if the answer is not as its schema:
   * a server of another version may answer anything.
   */
  ask<Name extends Operation, Answer = Operations[Name]["answer"]>(
    operation: Name,
    question?: Question<Name, Answer>,
  ): Promise<Answer>;
  /** Gets the resource at a path, with any status of the answer. */
  get(path: string): Promise<Response>;
  /** The same, of any size: the body arrives as it is read. */
  open(path: string): Promise<Response>;
}

/** Opens the connection that a command needs, and closes it in any case. */
export async function withApi<Result>(target: Target, use: (api: Api) => Promise<Result>): Promise<Result> {
  const connection = await connect(target);
  try {
    return await use(apiOf(connection));
  } finally {
    await connection.close();
  }
}

function apiOf({ publicUrl, url, place, ...connection }: Connection): Api {
  const fetch: Connection["fetch"] = async (path, request) => readFully(await connection.fetch(path, request), place);
  // `fetch` of the connection adds the key and the address of the API.
  const gatepost = client({
    token: "",
    fetch: (path, { method = "GET", body }) => fetch(path, { method, body: typeof body === "string" ? body : null }),
  });
  return {
    publicUrl,
    url,
    async ask<Answer>(operation: Operation, { answer, ...asking }: Question<Operation, Answer> = {}) {
      const content = await gatepost.send(operation, asking).catch(async (error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
        const failure = failureOf(error, place);
        throw error.status === 503 ? await withReason(failure, fetch) : failure;
      });
      const text = await content.text();
      const json = text === "" ? null : jsonIn(text);
      const read = z.safeParse(answer ?? answerSchema(operation) ?? z.null(), json);
      // The types of the client are made of the same schemas.
      if (read.success) return read.data as Answer;
      const why = json === undefined ? `it sends ${typeOf(content)} and no JSON` : z.prettifyError(read.error);
      throw new Failure(`no Gatepost of this version answers at ${place}: ${why}`);
    },
    get: (path) => fetch(path, { method: "GET", body: null }),
    open: (path) => connection.fetch(path, { method: "GET", body: null }),
  };
}

/** The media type of an answer, as a page of something else at that address. */
const typeOf = ({ headers }: Response) => (headers.get("content-type") ?? "something").split(";", 1)[0]?.slice(0, 64);

const unwell = z.object({ detail: z.string() });

/** A server that cannot store anything gives the reason at /healthz, and not in its answer. */
async function withReason(failure: Failure, fetch: Connection["fetch"]): Promise<Failure> {
  const health = await fetch("/healthz", { method: "GET", body: null }).catch(() => null);
  if (health === null) return failure;
  const { detail } = unwell.safeParse(jsonIn(await health.text())).data ?? {};
  const isNews = health.status === 503 && detail !== undefined && !failure.message.includes(detail);
  return isNews ? new Failure(`${failure.message}: ${detail}`, { cause: failure }) : failure;
}

/** Why a key opens nothing; docs/api.md. */
const keyFaults: ReadonlyMap<string | null, string> = new Map([
  ["expired", "has expired"],
  ["revoked", "was revoked"],
]);

function failureOf({ status, message, isProblem, code }: Refusal, place: string): Failure {
  if (!isProblem)
    return new Failure(`no Gatepost answers at ${place}, but something that says ${status}; is it the right address?`);
  const fault = keyFaults.get(code);
  if (status === 401 && fault !== undefined)
    return new Failure(`the key in --token or GATEPOST_TOKEN ${fault}; send a live key of scope admin`);
  if (status === 401)
    return new Failure(`${place} does not know the key in --token or GATEPOST_TOKEN; send a live key of scope admin`);
  return status === 400 ? new WrongUsage(message) : new Failure(message);
}
