/*
 * Opens a door for people whom a box knows, and never late: node door.ts PORT SECRET COMMAND [ARGUMENT…]
 * The command is run once for each passing, for example: node door.ts 8090 whsec_… curl -X POST http://10.0.0.7/open
 */
import { execFile } from "node:child_process";
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";

/** ms after a passing in which the person is still in front of the door. */
const inFrontMs = 5000;
/** ms by which this machine's clock may differ from the box's. */
const aheadMs = 5000;
const maxBodyBytes = 256 * 1024;
const rememberedIds = 10_000;

const [port = "8090", secret = "", command = "", ...args] = process.argv.slice(2);
const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret);
if (key.length === 0 || command === "") throw new Error("usage: node door.ts PORT SECRET COMMAND [ARGUMENT…]");

/** A delivery comes at least once: who has passed already does not open the door again. */
const seen = new Set<string>();

const server = createServer(async (request, response) => {
  // A delivery that is cut off comes again, and must not end the door.
  const body = await read(request).catch(() => null);
  const [id, timestamp] = [`${request.headers["webhook-id"]}`, `${request.headers["webhook-timestamp"]}`];
  if (body === null || !isSigned(`${id}.${timestamp}.${body}`, `${request.headers["webhook-signature"]}`)) {
    response.writeHead(401).end();
    return;
  }
  // An entry that opens nothing is acknowledged, too: nothing that is too late now will be in time later.
  if (isInTime(eventIn(body)) && isNew(id))
    execFile(command, args, (failure) => failure && process.stderr.write(`${failure}\n`));
  response.writeHead(204).end();
});

/** There are two signatures while the rule has a new and an old secret. */
function isSigned(signed: string, signatures: string): boolean {
  const expected = Buffer.from(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  return signatures.split(" ").some((signature) => {
    const sent = Buffer.from(signature);
    return sent.length === expected.length && timingSafeEqual(sent, expected);
  });
}

interface Passing {
  timestamp: number;
  flags: string[];
}

/** The event of an entry; null if it has none, as a test or the silence of a box, or is no entry. */
function eventIn(body: string): Passing | null {
  try {
    const { timestamp, flags } = JSON.parse(body).detail.event;
    return typeof timestamp === "number" && Array.isArray(flags) ? { timestamp, flags } : null;
  } catch {
    return null;
  }
}

/** By the time of the passing, which is signed. If the box's clock is wrong, the time is unknown. */
function isInTime(event: Passing | null): boolean {
  if (event === null) return false;
  const age = Date.now() - event.timestamp;
  return age <= inFrontMs && age >= -aheadMs && !event.flags.includes("clock");
}

function isNew(id: string): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  for (const oldest of seen) {
    if (seen.size <= rememberedIds) break;
    seen.delete(oldest);
  }
  return true;
}

/** The text of a body; null if it is longer than any that Gatepost sends. */
async function read(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > maxBodyBytes) return null;
  }
  return Buffer.concat(pieces).toString();
}

server.listen(Number(port), () =>
  process.stdout.write(`the door listens on port ${JSON.stringify(server.address())}\n`),
);
