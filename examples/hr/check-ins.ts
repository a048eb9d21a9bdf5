/*
 * Writes each passing of a known person as an Employee Checkin into Frappe HR or ERPNext: node check-ins.ts PORT
 * In the environment: WEBHOOK_SECRET of the rule; HR_URL, the address of the Frappe site; HR_TOKEN, the API key and secret
 * of a user, as key:secret; ZONE, the time zone of its clocks, as Asia/Shanghai; and EMPLOYEE_FIELD, the field of an
 * Employee that has the id of the person.
 *
 * Gatepost delivers at least once, so a check-in is looked for before it is written. Change `write` for another system.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";

/** Gatepost sends no longer ones. */
const maxBodyBytes = 256 * 1024;
/** Seconds by which a delivery may be old: an older one was recorded by another sender. */
const maxAgeSeconds = 300;
/** ms for an answer of Frappe, which is asked up to four times; Gatepost waits for 10 s. */
const timeoutMs = 2000;

const [port = "8092"] = process.argv.slice(2);
const { WEBHOOK_SECRET = "", HR_URL = "", HR_TOKEN = "", ZONE = "UTC" } = process.env;
const { EMPLOYEE_FIELD = "attendance_device_id" } = process.env;
if (WEBHOOK_SECRET === "" || HR_URL === "" || HR_TOKEN === "")
  throw new Error(
    "usage: WEBHOOK_SECRET=… HR_URL=https://hr.example.com HR_TOKEN=key:secret ZONE=… node check-ins.ts PORT",
  );
const secret = WEBHOOK_SECRET.startsWith("whsec_")
  ? Buffer.from(WEBHOOK_SECRET.slice("whsec_".length), "base64")
  : Buffer.from(WEBHOOK_SECRET);

/** As `2026-11-05 08:01:02`: Swedish has this form. */
const local = new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, dateStyle: "short", timeStyle: "medium" });

/** The parts of an event that a check-in needs. */
interface Passing {
  timestamp: number;
  receivedAt: string;
  flags: string[];
  result: string | null;
  person: { id: string | null; type: string };
  box: { id: string };
  device: { name: string | null; label: string | null; direction: "in" | "out" | null };
}

interface CheckIn {
  person: string;
  /** By the clocks of Frappe, whose times have no zone. */
  time: string;
  gate: string;
  direction: "in" | "out" | null;
}

/** Null for an entry that is no check-in: of a stranger, denied, or without a known time. */
function checkInOf({ timestamp, receivedAt, flags, result, person, box, device }: Passing): CheckIn | null {
  if (person.id === null || person.type === "stranger" || result === "denied" || flags.includes("clock")) return null;
  return {
    person: person.id,
    direction: device.direction,
    // The clock of a box may be ahead.
    time: local.format(Math.min(timestamp, Date.parse(receivedAt))),
    gate: device.label ?? device.name ?? box.id,
  };
}

/** Frappe refuses this check-in, and may take others. */
class Refused extends Error {}

async function write({ person, time, gate, direction }: CheckIn): Promise<void> {
  const [employee, ...others] = await find("Employee", { [EMPLOYEE_FIELD]: person });
  if (employee === undefined || others.length > 0)
    throw new Refused(`Frappe has not one employee with the id of this person as ${EMPLOYEE_FIELD}`);
  const isThere = async () => (await find("Employee Checkin", { employee: employee.name, time })).length > 0;
  if (await isThere()) return;
  const log = direction === null ? {} : { log_type: direction === "in" ? "IN" : "OUT" };
  const body = JSON.stringify({ employee: employee.name, time, device_id: gate, ...log });
  const { ok, status } = await ask("Employee Checkin", { method: "POST", body });
  // It refuses a second one of the same employee and time, which another program may have written meanwhile.
  if (ok || (await isThere())) return;
  if (status === 417) throw new Refused("Frappe refused the check-in; has the employee left?");
  throw new Error(`Frappe answered ${status} to a check-in`);
}

/** At most two documents with these values. */
async function find(kind: string, values: Record<string, string>): Promise<{ name: string }[]> {
  const filters = JSON.stringify(Object.entries(values).map(([field, value]) => [field, "=", value]));
  const answer = await ask(`${kind}?${new URLSearchParams({ filters, limit_page_length: "2" })}`, { method: "GET" });
  if (!answer.ok) throw new Error(`Frappe answered ${answer.status} when it was asked`);
  return ((await answer.json()) as { data: { name: string }[] }).data;
}

/** https://docs.frappe.io/framework/user/en/api/rest */
function ask(path: string, request: RequestInit): Promise<Response> {
  const headers = {
    authorization: `token ${HR_TOKEN}`,
    accept: "application/json",
    "content-type": "application/json",
  };
  return fetch(`${HR_URL}/api/resource/${path}`, { ...request, headers, signal: AbortSignal.timeout(timeoutMs) });
}

const server = createServer(async (request, response) => {
  const status = await take(request).catch((error: unknown) => {
    process.stderr.write(`${error}\n`);
    // After 422 Gatepost tries twice more within ten minutes, after 503 for a day.
    return error instanceof Refused ? 422 : 503;
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
  if (checkIn !== null) await write(checkIn);
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
