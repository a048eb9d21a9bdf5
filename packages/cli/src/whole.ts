import { Failure, NotReached, sayWhy } from "./failure.ts";
import { noting } from "./remote.ts";

/** Of an answer that is read at once. A report of 64 MB in quarantine may take six times as much as JSON: `\u0001`. */
const maxMegabytes = 400;

/** An answer whose body is there. Throws Failure where it breaks off, or is more than Gatepost ever answers. */
export async function whole(answer: Response, place: string): Promise<Response> {
  const { body } = answer;
  return body === null ? answer : new Response(await noting(place, () => bytesOf(body, place)), answer);
}

async function bytesOf(body: ReadableStream<Uint8Array>, place: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of read(body, place)) {
    bytes += chunk.length;
    if (bytes > maxMegabytes * 1024 * 1024) {
      throw new Failure(`no Gatepost answers at ${place}, but something that sends over ${maxMegabytes} MB`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function* read(body: ReadableStream<Uint8Array>, place: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw new NotReached(`the answer of ${place} broke off: ${sayWhy(cause)}; try again`, { cause });
  }
}
