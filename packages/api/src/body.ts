import { isUtf8 } from "node:buffer";
import { faultInWords, GatepostError } from "@gatepost/core/errors";
import { explain } from "@gatepost/core/lists";
import * as z from "zod";

const maxBytes = 64 * 1024;

/** For routes without a body: if one is sent, it is not read. */
export const noBody = z.undefined();

/** Reads a JSON body. Throws 413 beyond `limit` bytes, 400 if it does not match the schema. */
export async function readBody<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
  limit: number = maxBytes,
): Promise<z.output<Schema>> {
  const sent = schema instanceof z.ZodUndefined ? undefined : await bytesOf(request, limit);
  const isLeftOut = sent === undefined || (sent.length === 0 && mayBeLeftOut(schema));
  const read = schema.safeParse(isLeftOut ? undefined : parse(sent), { error: faultInWords });
  if (!read.success) throw new GatepostError("bad-request", explain(read.error));
  return read.data;
}

/** Whether a request may come without a body. */
export function mayBeLeftOut(schema: z.ZodType): boolean {
  return schema.safeParse(undefined).success;
}

/** The size is counted while reading: Content-Length may be missing or wrong. */
async function bytesOf({ body }: Request, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > limit) throw new GatepostError("too-large", `the body may have ${Math.floor(limit / 1024)} KB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(body: Buffer): unknown {
  try {
    if (isUtf8(body)) return JSON.parse(body.toString());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new GatepostError("bad-request", "the body must be JSON in UTF-8");
}
