import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answers } from "@gatepost/http";
import { giveBack } from "../pictures/own-memory.ts";

/** Methods that a web Request cannot have; no route has any of them. */
const uncarried = /^(connect|trace|track)$/i;

/** What a web Request is made of. */
interface Received {
  request: IncomingMessage;
  /** Path and query. */
  target: string;
  /** Reads the body, and is called only where the API asks for it. */
  readBody(): Promise<Uint8Array>;
}

/** Makes a web Request of a Node request, for the API. Its body is read once the API reads it, and else not at all. */
export function toWeb({ request, target, readBody }: Received): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const asked = request.method ?? "GET";
  const method = uncarried.test(asked) ? "UNCARRIED" : asked;
  // Joined as text: `new URL(path, base)` would read a path with two slashes as a host. A `#` is part of the path here.
  const url = `http://gatepost${target.replaceAll("#", "%23")}`;
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers });
  return new Request(url, { method, headers, body: readLater(readBody), duplex: "half" });
}

/** Bytes of an answer that is made before it is sent. What is longer, and says so, is sent as it is read. */
const maxHeldBytes = 1024 * 1024;

/** How an answer is sent, and to whom. */
interface Sending {
  answers: Answers;
  holder: string;
}

/** Sends a web Response as the answer to a Node request. Throws 503 where too many answers are on their way. */
export async function fromWeb(answer: Response, response: ServerResponse, { answers, holder }: Sending): Promise<void> {
  const head = { status: answer.status, headers: Object.fromEntries(answer.headers) };
  if (answer.body !== null && Number(answer.headers.get("content-length")) > maxHeldBytes) {
    await answers.stream(response, head, { pieces: answer.body, holder });
    return;
  }
  // The API gives no body to a HEAD. Without its length, an answer says none: another one than that of a GET would be wrong.
  if (response.req.method === "HEAD" && answer.body === null) {
    await answers.send(response, { ...head, body: null }, holder);
    return;
  }
  const body = await bytesOf(answer);
  // Where the client goes away before, the socket may have it still.
  response.once("finish", () => giveBack(body));
  await answers.send(response, { ...head, body }, holder);
}

/** The bytes of an answer. What comes in one piece, as a picture does, is not copied. */
async function bytesOf({ body }: Response): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body ?? []) pieces.push(piece);
  const [only = new Uint8Array()] = pieces;
  return pieces.length > 1 ? Buffer.concat(pieces) : only;
}

function readLater(read: () => Promise<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        controller.enqueue(await read());
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
