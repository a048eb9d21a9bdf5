import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answers } from "@gatepost/http";
import { omitEmpty } from "@gatepost/protocol";
import { giveBack } from "../pictures/own-memory.ts";

/** Methods that a web Request cannot have. No route has any of them. */
const uncarried = /^(connect|trace|track)$/i;

/** The parts of a web Request. */
interface Received {
  request: IncomingMessage;
  /** The path and the query. */
  target: string;
  /** Reads the body. Called only if the API asks for it. */
  readBody(): Promise<Uint8Array>;
}

/** Makes a web Request of a Node request, for the API. Its body is read only once the API reads it. */
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

/**
 * Most bytes of an answer that is made completely before it is sent. A longer one that states its length is sent while
 * it is read.
 */
const maxHeldBytes = 1024 * 1024;

/** The client, and how the answer is sent. */
interface Sending {
  answers: Answers;
  holder: string;
}

/** Sends a web Response as the answer to a Node request. Throws 503 if too many bytes of answers are on their way. */
export async function fromWeb(answer: Response, response: ServerResponse, { answers, holder }: Sending): Promise<void> {
  const cookies = answer.headers.getSetCookie();
  const headers = { ...Object.fromEntries(answer.headers), ...omitEmpty({ "set-cookie": cookies }) };
  const head = { status: answer.status, headers };
  if (answer.body !== null && Number(answer.headers.get("content-length")) > maxHeldBytes) {
    await answers.stream(response, head, { pieces: answer.body, holder });
    return;
  }
  // The API gives no body to a HEAD. Without a known length none is stated: it could differ from the length for a GET.
  if (response.req.method === "HEAD" && answer.body === null) {
    await answers.send(response, { ...head, body: null }, holder);
    return;
  }
  const body = await bytesOf(answer);
  // Freed on finish only: if the client disconnects earlier, the socket may still use it.
  response.once("finish", () => giveBack(body));
  await answers.send(response, { ...head, body }, holder);
}

/** The bytes of an answer. An answer in one piece, as a picture is, is not copied. */
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
