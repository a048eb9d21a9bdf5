import { gunzipSync, gzipSync } from "node:zlib";
import { jsonIn } from "@gatepost/protocol";
import type { CommittedPages } from "@gatepost/sqlite";
import * as z from "zod";

const head = z.object({
  /** ms since 1970. Everything that was acknowledged before is included. */
  time: z.int(),
  pageBytes: z.int().min(512).max(65_536),
  count: z.int().positive(),
  pages: z.array(z.int().positive()),
});

export type Delta = z.output<typeof head> & { bytes: Buffer };

/** Most bytes of one delta, unpacked. */
const maxBytes = 1024 * 1024 * 1024;

/** Packs the changed pages into one object. */
export function packDelta({ pageBytes, pages, count }: CommittedPages, time: number): Buffer {
  const numbers = [...pages.keys()].sort((a, b) => a - b);
  const text = Buffer.from(JSON.stringify({ time, pageBytes, count, pages: numbers } satisfies z.output<typeof head>));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const bytes = numbers.map((number) => pages.get(number) ?? Buffer.alloc(pageBytes));
  return gzipSync(Buffer.concat([length, text, ...bytes]), { level: 1 });
}

/** Throws if the bytes are not a delta. */
export function unpackDelta(packed: Buffer): Delta {
  const content = gunzipSync(packed, { maxOutputLength: maxBytes });
  const length = content.readUInt32BE(0);
  const read = head.parse(jsonIn(content.subarray(4, 4 + length).toString("utf8")));
  const bytes = content.subarray(4 + length);
  if (bytes.length !== read.pages.length * read.pageBytes) throw new Error("a delta has other pages than it says");
  return { ...read, bytes };
}

/** Adds the pages of later commits. They replace the pages of earlier commits. */
export function addPages(held: CommittedPages | null, more: CommittedPages): CommittedPages {
  if (held === null) return more;
  for (const [number, bytes] of more.pages) held.pages.set(number, bytes);
  return { ...held, count: more.count };
}
