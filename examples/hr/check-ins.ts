/*
 * Writes each passing of a known person as a check-in into an HR system: node check-ins.ts PORT
 * In the environment: WEBHOOK_SECRET of the rule, HR_URL of the check-ins of the HR system, HR_TOKEN for it, and ZONE, the
 * time zone of its clocks, as Asia/Shanghai.
 *
 * Gatepost delivers at least once, so a check-in is looked for before it is written. Change `find` and `write` for your
 * system. For Frappe HR and ERPNext no program is needed: Gatepost has them as a target.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";

/** Gatepost sends no longer ones. */
const maxBodyBytes = 256 * 1024;
/** Seconds by which a delivery may be old: an older one was recorded by another sender. */
const maxAgeSeconds = 300;
/** ms for an answer of the HR system; Gatepost waits for 10 s. */
const timeoutMs = 4000;

const [port = "8092"] = process.argv.slice(2);
const { WEBHOOK_SECRET = "", HR_URL = "", HR_TOKEN = "", ZONE = "UTC" } = process.env;
if (WEBHOOK_SECRET === "" || HR_URL === "" || HR_TOKEN === "")
  throw new Error(
    "usage: WEBHOOK_SECRET=… HR_URL=https://hr.example/checkins HR_TOKEN=… ZONE=… node check-ins.ts PORT",
  );
const secret = WEBHOOK_SECRET.startsWith("whsec_")
  ? Buffer.from(WEBHOOK_SECRET.slice("whsec_".length), "base64")
  : Buffer.from(WEBHOOK_SECRET);

/** As `2026-11-05 08:01:02`: Swedish has this form. */
const local = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, dateStyle: "short", timeStyle: "medium" });

/** The parts of an event that a check-in needs. */
interface Passing {
  id: string;
  timestamp: number;
  receivedAt: string;
  flags: string[];
  result: string | null;
  person: { id: string | null; type: string };
  box: { id: string };
  device: { name: string | null; label: string | null; direction: "in" | "out" | null };
}

interface CheckIn {
  /** The id of the event, by which it is found again. */
  reference: string;
  employee: string;
  /** By the clocks of the HR system. */
  time: string;
  gate: string;
  direction: "in" | "out" | null;
}

/** Null for an entry that is no check-in: of a stranger, denied, or without a known time. */
function checkInOf({ id, timestamp, receivedAt, flags, result, person, box, device }: Passing): CheckIn | null {
  if (person.id === null || person.type === "stranger" || result === "denied" || flags.includes("clock")) return null;
  return {
    reference: id,
    employee: person.id,
    direction: device.direction,
    // The clock of a box may be ahead.
    time: local.format(Math.min(timestamp, Date.parse(receivedAt))),
    gate: device.label ?? device.name ?? box.id,
  };
}

async function find({ reference }: CheckIn): Promise<boolean> {
  const answer = await ask(`?reference=${encodeURIComponent(reference)}`, { method: "GET" });
  if (!answer.ok) throw new Error(`the HR system answered ${answer.status} when it was asked`);
  return ((await answer.json()) as unknown[]).length > 0;
}

async function write(checkIn: CheckIn): Promise<void> {
  const answer = await ask("", { method: "POST", body: JSON.stringify(checkIn) });
  // A conflict: it has this check-in already.
  if (!answer.ok && answer.status !== 409) throw new Error(`the HR system answered ${answer.status} to a check-in`);
}

function ask(query: string, request: RequestInit): Promise<Response> {
  const headers = { authorization: `Bearer ${HR_TOKEN}`, "content-type": "application/json" };
  return fetch(`${HR_URL}${query}`, { ...request, headers, signal: AbortSignal.timeout(timeoutMs) });
}

const server = createServer(async (request, response) => {
  const status = await take(request).catch((error: unknown) => {
    process.stderr.write(`${error}\n`);
    // Gatepost delivers it again.
    return 503;
  });
  response.writeHead(status).end();
});

async function take(request: IncomingMessage): Promise<number> {
  const body = await read(request);
  if (body === null || !isGenuine(body, request.headers)) return 401;
  const { "detail-type": type, detail } = JSON.parse(body) as { "detail-type": string; detail: { event: Passing } };
  // A test of the rule has no passing, and other rules may send other entries.
  if (type !== "Face Event Recorded") return 204;
  const checkIn = checkInOf(detail.event);
  if (checkIn !== null && !(await find(checkIn))) await write(checkIn);
  return 204;
}

/** Signed with the secret of the rule, and just now: as Standard Webhooks say. */
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
