import type { Json } from "@gatepost/protocol";
import type * as z from "zod";
import { inTime } from "../clock.ts";
import { limitedJson, limitedJsonOrNull } from "../limited-json.ts";
import { whyOf } from "../why.ts";
import { BoxError, refusalIn } from "./box-error.ts";

export interface Question<Schema extends z.ZodType> {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  /** Never part of a message. */
  token?: string;
  body?: unknown;
  answer: Schema;
}

/** How to ask a box, and limits for one answer. */
export interface BoxApiOptions {
  protocol: "http:" | "https:";
  timeoutMs: number;
  maxBytes: number;
}

interface Sent {
  method: string;
  token: string | null;
  body: string | null;
}

const openingBrace = 0x7b;
/** Far more than a page of events without pictures needs. */
const usual: BoxApiOptions = { protocol: "http:", timeoutMs: 15_000, maxBytes: 64 * 1024 * 1024 };

/** Asks the HTTP API of a box (port 5555). Every answer is checked by a schema. docs/formats.md §3, §4.4. */
export class BoxApi {
  readonly #base: string;
  readonly #options: BoxApiOptions;

  constructor(host: string, port: number, options: Partial<BoxApiOptions> = {}) {
    this.#options = { ...usual, ...options };
    this.#base = `${this.#options.protocol}//${host}:${port}`;
  }

  /** Throws BoxError. Its message has the path without the query, which may name a person. */
  async ask<Schema extends z.ZodType>(question: Question<Schema>, signal: AbortSignal): Promise<z.output<Schema>> {
    const { method = "GET", path, token, body, answer } = question;
    const request = { method, token: token ?? null, body: body === undefined ? null : JSON.stringify(body) };
    const content = await this.#fetch(path, request, signal);
    const parsed = parse(content, withoutQuery(path));
    const read = answer.safeParse(parsed);
    if (read.success) return read.data;
    const refusal = refusalIn(parsed);
    const why = refusal === null ? "something else than documented" : `${refusal.code} ${refusal.message}`;
    throw new BoxError(`${withoutQuery(path)}: the box answers ${why}`, { refusal });
  }

  /** The bytes of a picture; null if the box no longer has it. */
  async picture(path: string, signal: AbortSignal): Promise<Buffer | null> {
    try {
      return await this.pictureOrError(path, signal);
    } catch (error) {
      if (error instanceof BoxError && error.status !== null) return null;
      throw error;
    }
  }

  /** Like `picture`, but throws a server error: that does not mean that the box lacks the picture. */
  async pictureOrError(path: string, signal: AbortSignal): Promise<Buffer | null> {
    try {
      const bytes = await this.#fetch(path, { method: "GET", token: null, body: null }, signal);
      // Boxes also answer 200 if they do not have the picture: with an empty body, or with JSON.
      return bytes.length === 0 || bytes[0] === openingBrace ? null : bytes;
    } catch (error) {
      if (error instanceof BoxError && error.status !== null && error.status < 500) return null;
      throw error;
    }
  }

  async #fetch(path: string, request: Sent, signal: AbortSignal): Promise<Buffer> {
    try {
      return await inTime(this.#options.timeoutMs, signal, (until) => this.#get(path, request, until));
    } catch (error) {
      if (error instanceof BoxError) throw error;
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw new BoxError(`${withoutQuery(path)}: ${whyOf(cause)}`, { cause: error });
    }
  }

  async #get(path: string, { method, token, body }: Sent, signal: AbortSignal): Promise<Buffer> {
    const headers = body === null ? {} : { "content-type": "application/json" };
    const address = `${this.#base}${path}${token === null ? "" : `?token=${token}`}`;
    const response = await fetch(address, { method, body, headers, redirect: "error", signal });
    const content = await readLimited(response, this.#options.maxBytes);
    if (response.ok) return content;
    const { status } = response;
    throw new BoxError(`${withoutQuery(path)}: the box answers ${status}`, {
      status,
      refusal: refusalIn(limitedJsonOrNull(content)),
    });
  }
}

export function withoutQuery(path: string): string {
  return path.replace(/\?.*$/s, "");
}

export async function readLimited(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new BoxError("the box answers without end");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(content: Buffer, path: string): Json {
  const read = limitedJson(content);
  if ("value" in read) return read.value;
  const { unreadable } = read;
  const what = unreadable === "no JSON" ? unreadable : `something else than documented (${unreadable})`;
  throw new BoxError(`${path}: the box answers ${what}`);
}
