import * as z from "zod";

/** The columns that rows of waiting and of refused reports share. */
const request = {
  id: z.int(),
  box: z.string(),
  path: z.string(),
  content_type: z.string(),
  content_encoding: z.string().nullable(),
  bytes: z.int(),
  body: z.instanceof(Uint8Array),
  pieces: z.int().nullable(),
  receipt: z.int().nullable(),
};

const refusedFacts = {
  id: z.int(),
  box: z.string(),
  at: z.int(),
  bytes: z.int(),
  path: z.string(),
  reason: z.string(),
};

/** A row of a report that waits. */
export const waitingRow = z.object(request).transform(inOwnWords);

/** A row of a refused report, without its body. */
export const refusedRow = z.object(refusedFacts);

/** A whole row of a refused report. */
export const refusedWholeRow = z.object({ ...refusedFacts, ...request }).transform(inOwnWords);

/** The size of a removed body. */
export const sizeRow = z.object({ bytes: z.int() });

function inOwnWords<Row extends { content_type: string; content_encoding: string | null; receipt: number | null }>({
  content_type: contentType,
  content_encoding: contentEncoding,
  receipt,
  ...facts
}: Row) {
  return { ...facts, contentType, contentEncoding, ...(receipt !== null && { receipt }) };
}
