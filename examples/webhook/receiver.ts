/*
 * Does what boxes ask for (1001 register a stranger, 1002 update a photo) by a command of yours, and tells Gatepost what
 * became of it: node receiver.ts PORT COMMAND [ARGUMENT…]
 * The command gets the announcement as JSON on stdin and the photo as a file in $PHOTO. Exit code 0 means done, and what
 * it prints is the note; anything else means failed. It may be run again for the same $ACTION, so it must stand that.
 *
 * In the environment: WEBHOOK_SECRET of the rule, GATEPOST_URL, and GATEPOST_TOKEN, an admin key.
 */
import { spawn } from "node:child_process";
import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { client } from "@gatepost/client";

/** Gatepost sends no longer ones. */
const maxBodyBytes = 256 * 1024;
/** Seconds by which a delivery may be old: an older one is somebody else's who has recorded it. */
const maxAgeSeconds = 300;
/** Of UTF-8: Gatepost refuses a note of over 1 KB. */
const maxNoteBytes = 1000;

const [port = "8091", command = "", ...args] = process.argv.slice(2);
const { WEBHOOK_SECRET = "", GATEPOST_URL: url = "http://127.0.0.1:9528", GATEPOST_TOKEN: token = "" } = process.env;
if (command === "" || WEBHOOK_SECRET === "" || token === "")
  throw new Error("usage: WEBHOOK_SECRET=… GATEPOST_TOKEN=… node receiver.ts PORT COMMAND [ARGUMENT…]");
const secret = WEBHOOK_SECRET.startsWith("whsec_")
  ? Buffer.from(WEBHOOK_SECRET.slice("whsec_".length), "base64")
  : Buffer.from(WEBHOOK_SECRET);
const gatepost = client({ url, token });

interface Announcement {
  "detail-type": string;
  detail: { idempotency_key: string; photo: { kind: string } | null; event: { id: string } };
}

/** What is being done now: a delivery that comes again meanwhile has to wait. */
const underWay = new Set<string>();

const server = createServer(async (request, response) => {
  const status = await take(request).catch((error: unknown) => {
    process.stderr.write(`${error}\n`);
    // Whatever it was: Gatepost delivers it again.
    return 503;
  });
  response.writeHead(status).end();
});

async function take(request: IncomingMessage): Promise<number> {
  const body = await read(request);
  if (body === null || !isGenuine(body, request.headers)) return 401;
  const announced: Announcement = JSON.parse(body);
  // Somebody asks from the console whether this rule arrives.
  if (announced["detail-type"] === "Gatepost Test") return 204;
  const id = announced.detail.idempotency_key;
  if (underWay.has(id)) return 503;
  underWay.add(id);
  try {
    // Gatepost itself remembers what was done, also when this program ended in between.
    const { state } = await gatepost.ask("GET /v1/actions/{id}", { path: { id } });
    if (state !== "done") await act(announced, body);
    return 204;
  } finally {
    underWay.delete(id);
  }
}

async function act({ detail }: Announcement, body: string): Promise<void> {
  await checkKey();
  const folder = await mkdtemp(join(tmpdir(), "gatepost-photo-"));
  try {
    const file = detail.photo === null ? "" : join(folder, "photo.jpg");
    if (detail.photo !== null) {
      const photo = await gatepost.picture(detail.event.id, detail.photo.kind);
      await writeFile(file, Buffer.from(await photo.arrayBuffer()), { mode: 0o600 });
    }
    const { code, note } = await run(body, { ACTION: detail.idempotency_key, PHOTO: file });
    await gatepost.settle(detail.idempotency_key, code === 0 ? "done" : "failed", note);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Whoever cannot tell Gatepost what became of it would do it again with each delivery. */
async function checkKey(): Promise<void> {
  const { key } = await gatepost.ask("GET /v1/me");
  if (key?.scope !== "admin" && key?.boxes === undefined)
    throw new Error("GATEPOST_TOKEN is a read key of every box, which settles nothing: give an admin key");
}

async function run(input: string, env: Record<string, string>): Promise<{ code: number | null; note: string }> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "inherit"] });
  let printed = Buffer.alloc(0);
  child.stdout.on("data", (data: Buffer) => {
    printed = Buffer.concat([printed, data]).subarray(0, maxNoteBytes);
  });
  // A command that does not read its input is no failure.
  child.stdin.on("error", () => {}).end(input);
  const [code] = await once(child, "close");
  return { code, note: noteOf(printed) };
}

/** What was printed, as a note. A character that the end cuts in two is left out. */
function noteOf(printed: Buffer): string {
  const text = Buffer.from(printed.toString().trim());
  return new TextDecoder().decode(text.subarray(0, maxNoteBytes), { stream: true });
}

/** Signed by who knows the secret, and just now: as Standard Webhooks say. */
function isGenuine(body: string, headers: IncomingHttpHeaders): boolean {
  const [id, sent] = [headers["webhook-id"], headers["webhook-timestamp"]];
  const expected = Buffer.from(`v1,${createHmac("sha256", secret).update(`${id}.${sent}.${body}`).digest("base64")}`);
  // There are two signatures while the rule has a new and an old secret.
  const isSigned = `${headers["webhook-signature"]}`.split(" ").some((signature) => {
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return isSigned && Math.abs(Date.now() / 1000 - Number(sent)) <= maxAgeSeconds;
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

server.listen(Number(port), () => process.stdout.write(`listening on ${JSON.stringify(server.address())}\n`));
