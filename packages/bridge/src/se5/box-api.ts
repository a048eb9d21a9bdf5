import type * as z from "zod";
import { inTime } from "../in-time.ts";
import { whyOf } from "../why.ts";

/** A box answered something that cannot be used, or nothing; the message says what. */
export class BoxError extends Error {
  readonly status: number | null;

  constructor(message: string, { status = null, ...options }: ErrorOptions & { status?: number | null } = {}) {
    super(message, options);
    this.name = "BoxError";
    this.status = status;
  }
}

export interface Question<Schema extends z.ZodType> {
  method?: "GET" | "POST" | "PUT";
  path: string;
  body?: unknown;
  answer: Schema;
}

const timeoutMs = 15_000;
const openingBrace = 0x7b;
/** Bytes of one answer; a page of events without pictures is far below. */
const maxBytes = 64 * 1024 * 1024;

/** Asks the HTTP API of a box (port 5555). Every answer is checked by a schema. docs/formats.md §3, §4.4. */
export class BoxApi {
  readonly #base: string;

  constructor(host: string, port: number) {
    this.#base = `http://${host}:${port}`;
  }

  /** Throws BoxError. */
  async ask<Schema extends z.ZodType>(question: Question<Schema>, signal: AbortSignal): Promise<z.output<Schema>> {
    const { method = "GET", path, body, answer } = question;
    const content = await this.#fetch(path, { method, body: body === undefined ? null : JSON.stringify(body) }, signal);
    const read = answer.safeParse(parse(content, path));
    if (!read.success) throw new BoxError(`${path}: the box answers something else than documented`);
    return read.data;
  }

  /** The bytes of a picture, or null where the box does not have it any more. */
  async picture(path: string, signal: AbortSignal): Promise<Buffer | null> {
    try {
      const bytes = await this.#fetch(path, { method: "GET", body: null }, signal);
      // Boxes answer 200 also where they do not have the picture: with nothing, or with JSON.
      return bytes.length === 0 || bytes[0] === openingBrace ? null : bytes;
    } catch (error) {
      if (error instanceof BoxError && error.status !== null) return null;
      throw error;
    }
  }

  async #fetch(path: string, request: { method: string; body: string | null }, signal: AbortSignal): Promise<Buffer> {
    try {
      return await inTime(timeoutMs, signal, (until) => this.#get(path, request, until));
    } catch (error) {
      if (error instanceof BoxError) throw error;
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw new BoxError(`${path}: ${whyOf(cause)}`, { cause: error });
    }
  }

  async #get(path: string, request: { method: string; body: string | null }, signal: AbortSignal): Promise<Buffer> {
    const headers = request.body === null ? {} : { "content-type": "application/json" };
    const response = await fetch(this.#base + path, { ...request, headers, redirect: "error", signal });
    const content = await readLimited(response);
    if (response.ok) return content;
    throw new BoxError(`${path}: the box answers ${response.status}`, { status: response.status });
  }
}

async function readLimited(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new BoxError("the box answers without end");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(content: Buffer, path: string): unknown {
  try {
    return JSON.parse(content.toString());
  } catch {
    throw new BoxError(`${path}: the box answers no JSON`);
  }
}
