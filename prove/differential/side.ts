import type { api } from "@gatepost/api";
import { hashToken, type KeyAdmin } from "@gatepost/core/keys";
import type { Receiver } from "@gatepost/receive";
import { boxRequest } from "../../test/support/http.ts";
import { adminToken, boxes, readToken, tokenOf } from "../simulation/case/keys.ts";

/** A key that sees only some boxes. */
export const limitedToken = `gpr_${"l".repeat(27)}`;

export interface Asked {
  method?: string;
  path: string;
  token: string;
  body?: string;
}

export interface Told {
  status: number;
  /** JSON as its value, anything else as base64. */
  body: unknown;
}

/** One of the two runtimes, whole. */
export interface Side {
  /** Asks the API. */
  ask(asked: Asked): Promise<Told>;
  /** Posts a report of a box. */
  post(path: string, body: string): Promise<Told>;
  /** Runs the periodic work of each runtime for a minute. */
  tend(): Promise<void>;
  close(): Promise<void>;
}

interface Wired {
  app: ReturnType<typeof api>;
  receive: Receiver;
  keyAdmin: KeyAdmin;
  /** The bytes at an address of the bucket. */
  opened?: (url: string) => Uint8Array | undefined;
}

/** How a side is asked, with the keys made. */
export async function asking({ app, receive, keyAdmin, opened }: Wired): Promise<Pick<Side, "ask" | "post">> {
  const make = (token: string, key: Pick<Parameters<KeyAdmin["create"]>[0], "scope" | "box" | "boxes">) =>
    keyAdmin.create({ ...key, tokenHash: hashToken(token) });
  await make(adminToken, { scope: "admin", box: null });
  await make(readToken, { scope: "read", box: null });
  await make(limitedToken, { scope: "read", box: null, boxes: [boxes[0], boxes[1]] });
  for (const box of boxes) await make(tokenOf(box), { scope: "ingest", box });
  const ask = async ({ method = "GET", path, token, body }: Asked): Promise<Told> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const request = new Request(`http://gatepost${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
    const answer = await app.fetch(request, { address: "10.3.3.3" });
    const { status, headers: told } = answer;
    // On AWS a picture is behind a link to the API or to the bucket.
    const link = told.get("location") ?? "";
    if (link.startsWith("/")) return ask({ path: link, token });
    if (link !== "") return { status: 200, body: Buffer.from(opened?.(link) ?? []).toString("base64") };
    const bytes = Buffer.from(await answer.arrayBuffer());
    const isJson = /json/.test(told.get("content-type") ?? "");
    return { status, body: isJson ? JSON.parse(bytes.toString()) : bytes.toString("base64") };
  };
  return {
    ask,
    async post(path, body) {
      const answer = await receive(boxRequest({ path, body, address: "10.4.4.4" }));
      return { status: answer.status, body: answer.body };
    },
  };
}
