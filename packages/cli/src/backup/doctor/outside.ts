import type { Finding } from "@gatepost/embedded";
import { jsonIn, secondMs } from "@gatepost/protocol";
import * as z from "zod";
import { Failure } from "../../failure.ts";
import { type ProbeAnswer, probe, probeLive } from "./probe.ts";
import { settings } from "./proxy-settings.ts";

/** A finding about the way to a server. */
export interface OutsideFinding extends Pick<Finding, "state" | "said" | "todo"> {
  check:
    | "reach"
    | "server"
    | "key"
    | "address"
    | "host"
    | "scheme"
    | "client"
    | "page"
    | "websocket"
    | "body"
    | "buffering"
    | "idle";
}

/** Bytes of a body that a proxy must pass on: some reports with pictures are that long. */
const bodyBytes = 10 * 1024 * 1024;
/** Bytes of a body that Gatepost still reads as an import. */
const importBytes = 7 * 1024 * 1024;
/** ms in which a request arrives at Gatepost, if the proxy does not wait for its body. */
const arrivalMs = 10 * secondMs;
/** ms for a whole large body. */
const uploadMs = 120 * secondMs;
/** Seconds that the feed of changes may wait. */
const feedSeconds = 25;
/** ms in which Gatepost, which pings each 30 s, has pinged a WebSocket twice. */
const pingMs = 80 * secondMs;

/** An address for documentation (RFC 5737), which no client has. */
const inventedAddress = "192.0.2.1";

/**
 * Asks a server from outside as its clients do, and compares what arrives there.
 *
 * @param url its address, without a slash at the end
 * @param token a key; without one, less is asked
 */
export async function examineOutside(url: string, token: string | undefined): Promise<OutsideFinding[]> {
  const { answer, findings } = await reach(url);
  if (answer === null) return findings;
  const { me, findings: arrived } = await ask(url, token, answer);
  const key = me === null ? undefined : token;
  const others = await Promise.all([
    looking("page", settings.path, () => page(url)),
    looking("websocket", settings.upgrade, () => webSocket(url, key)),
    looking("body", settings.body, () => bodies(url, me?.key?.scope === "admin" ? key : undefined)),
    looking("idle", settings.idle, () => waiting(url, key)),
  ]);
  return [...findings, ...arrived, ...others.flat()];
}

type Check = OutsideFinding["check"];

const ok = (check: Check, said: string): OutsideFinding => ({ check, state: "ok", said });
const note = (check: Check, said: string, todo?: string): OutsideFinding => ({ check, state: "note", said, todo });
const wrong = (check: Check, said: string, todo?: string): OutsideFinding => ({ check, state: "wrong", said, todo });

/** The findings of some work; if an answer fails, that is the finding. */
async function looking(
  check: Check,
  todo: string | undefined,
  work: () => Promise<OutsideFinding[]>,
): Promise<OutsideFinding[]> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure) return [wrong(check, error.message, todo)];
    throw error;
  }
}

const healthAnswer = z.object({ status: z.enum(["ok", "degraded"]), reasons: z.array(z.string()).default([]) });

/** Whether a Gatepost answers. `answer` is null if there is no proxy of an operator to look at. */
async function reach(url: string): Promise<{ answer: ProbeAnswer | null; findings: OutsideFinding[] }> {
  let answer: ProbeAnswer | null = null;
  const findings = await looking("reach", undefined, async () => {
    const reached = await probe(url, "/healthz");
    const fault = faultOfAddress(url, reached);
    if (fault !== null) return [fault];
    const concerns = healthIn(reached)?.reasons ?? [refusalIn(reached)?.said ?? ""];
    const inside = concerns.map((said) => wrong("server", said));
    const isOnAws = "apigw-requestid" in reached.headers;
    if (!isOnAws) answer = reached;
    return [ok("reach", `Gatepost answers at ${url}`), ...inside, ...(isOnAws ? [onAws] : [])];
  });
  return { answer, findings };
}

function healthIn({ status, text }: ProbeAnswer) {
  return status === 200 ? healthAnswer.safeParse(jsonIn(text)).data : undefined;
}

/** The finding about an answer at /healthz; null if it is Gatepost's. */
function faultOfAddress(url: string, answer: ProbeAnswer): OutsideFinding | null {
  const { status, headers } = answer;
  if (healthIn(answer) !== undefined) return null;
  if (refusalIn(answer) !== null) {
    if (status === 503) return null;
    return wrong(
      "reach",
      `Gatepost answers, and does not know the path of ${url}`,
      `start it with --public-url ${url}`,
    );
  }
  const target = headers.location?.replace(/\/healthz$/, "");
  if (status >= 300 && status < 400 && target !== undefined)
    return wrong("reach", `${url} leads to ${target}`, "if that address is yours, give it to --url");
  if (status >= 502 && status <= 504)
    return wrong("reach", `a proxy answers ${status}`, "start Gatepost at the address that the proxy asks");
  return wrong("reach", `no Gatepost is at ${url}: ${inShort(answer)}`, settings.path);
}

const onAws = note("reach", "this is on AWS, without a proxy to set: `gatepost check` shows whether it works");

const refusalOfGatepost = z.union([
  z.object({ type: z.literal("about:blank"), status: z.int(), detail: z.string(), code: z.string().optional() }),
  z
    .strictObject({ status: z.int(), message: z.string() })
    .transform(({ status, message }) => ({ status, detail: message })),
]);

/** A refusal of Gatepost, in the form for readers or for boxes; null if something else answers. */
function refusalIn({ status, text }: Pick<ProbeAnswer, "status" | "text">) {
  const refusal = refusalOfGatepost.safeParse(jsonIn(text)).data;
  return refusal?.status === status ? { said: refusal.detail, hasCode: "code" in refusal } : null;
}

function inShort({ status, text }: Pick<ProbeAnswer, "status" | "text">): string {
  const title = /<title>([^<]{1,80})<\/title>/i.exec(text)?.[1];
  return title === undefined || title.includes(`${status}`)
    ? `something answers ${status}`
    : `something answers ${status}, ${title}`;
}

const meSeen = z.object({
  key: z.object({ scope: z.string() }).nullable(),
  reached: z.object({
    publicUrl: z.string().nullable(),
    host: z.string().nullable(),
    isHttps: z.boolean(),
    from: z.string(),
  }),
});
type MeSeen = z.output<typeof meSeen>;

/** Asks with a key how its request arrived. `me` is null if the key opens nothing. */
async function ask(
  url: string,
  token: string | undefined,
  { headers }: ProbeAnswer,
): Promise<{ me: MeSeen | null; findings: OutsideFinding[] }> {
  if (token === undefined) return { me: null, findings: [withoutKey] };
  // Gatepost has no such headers: a proxy is in between, which must not believe an address that a client invents.
  const isProxied = "server" in headers || "via" in headers;
  const invented: Record<string, string> = isProxied ? { "x-forwarded-for": inventedAddress } : {};
  let me: MeSeen | null = null;
  const findings = await looking("key", undefined, async () => {
    const answer = await probe(url, "/v1/me", { headers: { authorization: `Bearer ${token}`, ...invented } });
    me = meSeen.safeParse(jsonIn(answer.text)).data ?? null;
    if (me !== null) return arrival(url, me.reached, { ...answer, isProxied });
    const refusal = refusalIn(answer);
    const said = refusal?.said ?? `no Gatepost of this version is at ${url}/v1/me: ${inShort(answer)}`;
    // Gatepost gives a code if a key arrived.
    const isLost = answer.status === 401 && refusal?.hasCode !== true;
    return [wrong("key", said, isLost ? settings.key : undefined)];
  });
  return { me, findings };
}

const withoutKey = note(
  "key",
  "without a key, address, host, scheme, client and idle time-outs were not compared",
  "give one of scope read or admin with --token or in GATEPOST_TOKEN",
);

interface Way extends Pick<ProbeAnswer, "local" | "peer"> {
  isProxied: boolean;
}

/** Compares the sent request with the request that arrived. */
function arrival(url: string, { publicUrl, host, isHttps, from }: MeSeen["reached"], way: Way): OutsideFinding[] {
  const asked = new URL(url);
  return [
    publicAddress(url, publicUrl),
    hostThere(asked.host, host, publicUrl === url),
    scheme(asked.protocol === "https:", isHttps),
    client(from, way),
  ];
}

function publicAddress(url: string, publicUrl: string | null): OutsideFinding {
  const todo = `start it with --public-url ${url}`;
  if (publicUrl === url) return ok("address", `the public address is ${url}`);
  if (publicUrl !== null) return wrong("address", `the public address is ${publicUrl}, and not ${url}`, todo);
  const said = "no public address is set, which links in alerts need";
  return new URL(url).pathname === "/" ? note("address", said, todo) : wrong("address", said, todo);
}

/** With its public address, Gatepost does not need the host. */
function hostThere(sent: string, arrived: string | null, isNamed: boolean): OutsideFinding {
  if (arrived === sent) return ok("host", `the host arrives: ${sent}`);
  return (isNamed ? note : wrong)("host", `the host ${sent} arrives as ${arrived}`, settings.host);
}

function scheme(isSentByHttps: boolean, isHttps: boolean): OutsideFinding {
  if (isSentByHttps === isHttps) return ok("scheme", `a request counts as ${isHttps ? "https" : "http"}`);
  return isHttps
    ? wrong("scheme", "a request by http counts as https, so browsers drop its cookies", "use the https address")
    : wrong("scheme", "a request by https counts as http, as do cookies and sign-in", settings.scheme);
}

function client(from: string, { local, peer, isProxied }: Way): OutsideFinding {
  const isLocal = isLoopback(local);
  if (from === inventedAddress)
    return wrong("client", "Gatepost believes an address that a client invents", settings.client);
  if (from === local)
    return isLocal && isProxied
      ? note("client", `the proxy and this machine have the same address, ${from}: ask from another machine`)
      : ok("client", `the address of this machine arrives: ${from}`);
  const todo = `start Gatepost with --trust-proxy ${from}; ${settings.client}`;
  if (from === peer || (isLoopback(from) && !isLocal))
    return wrong("client", `every client arrives with the address of the proxy, ${from}`, todo);
  return note("client", `this machine arrives as ${from}`, `if that is a proxy of yours, ${todo}`);
}

const isLoopback = (address: string) => address === "::1" || address.startsWith("127.");

/** Whether the console is at the address, and relative links lead to it. */
async function page(url: string): Promise<OutsideFinding[]> {
  const answer = await probe(url, "/");
  if (answer.status !== 200 || !answer.text.includes("<title>Gatepost</title>"))
    return [wrong("page", `the console is not at ${url}/: ${inShort(answer)}`, settings.path)];
  const here = ok("page", `the console is at ${url}/`);
  if (new URL(url).pathname === "/") return [here];
  const { status, headers } = await probe(url, "");
  const { location = "nowhere" } = headers;
  const target = URL.canParse(location, url) ? new URL(location, url).href : location;
  if (status >= 300 && status < 400 && target === `${url}/`) return [here];
  return [wrong("page", `${url} leads to ${location}, and not to ${url}/`, settings.slash)];
}

async function webSocket(url: string, key: string | undefined): Promise<OutsideFinding[]> {
  // In a header, because proxies log paths.
  const headers: Record<string, string> =
    key === undefined ? {} : { authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}` };
  const answer = await probeLive(url, headers, pingMs);
  const isGatepost = refusalIn(answer) !== null;
  if (answer.status === 404 && isGatepost)
    return [wrong("websocket", "the proxy removes `Upgrade`, so no WebSocket opens", settings.upgrade)];
  if (answer.held === null && !isGatepost)
    return [wrong("websocket", `no WebSocket opens: ${inShort(answer)}`, settings.upgrade)];
  const here = ok("websocket", "a WebSocket reaches Gatepost");
  switch (answer.held) {
    case null:
      return [here];
    case "pinged":
      return [here, ok("idle", "a WebSocket stays open between two pings, which are 30 s")];
    case "closed":
      return [here, wrong("idle", "a WebSocket is closed between two pings, which are 30 s", settings.idle)];
    case "silent":
      return [here, wrong("idle", "no ping of Gatepost arrives at a WebSocket", settings.upgrade)];
  }
}

/** Whether a long body is passed on, and at once. With an admin key, most of it is sent. */
async function bodies(url: string, adminKey: string | undefined): Promise<OutsideFinding[]> {
  const body = { bytes: bodyBytes, pauseMs: arrivalMs };
  const announced = await probe(url, "/healthz", { method: "POST", body, timeoutMs: uploadMs });
  if (refusalIn(announced) === null) return [tooLong(announced)];
  const passed = ok("body", "a body of 10 MB is passed on");
  if (!announced.isEarly) {
    const said = "the proxy keeps a body, with pictures of people, until it is complete";
    return [passed, wrong("buffering", said, settings.buffering)];
  }
  const unbuffered = ok("buffering", "a body is passed on while it arrives");
  if (adminKey === undefined)
    return [ok("body", "a body of 10 MB is let in; only with an admin key it is sent"), unbuffered];
  const sent = await probe(url, "/v1/imports/imp_doctor", {
    method: "POST",
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    body: { bytes: importBytes, pauseMs: 0 },
    timeoutMs: uploadMs,
  });
  return [refusalIn(sent) === null ? tooLong(sent) : passed, unbuffered];
}

function tooLong(answer: ProbeAnswer): OutsideFinding {
  return wrong("body", `a body of 10 MB does not reach Gatepost: ${inShort(answer)}`, settings.body);
}

const feedPage = z.object({ events: z.array(z.unknown()), news: z.array(z.unknown()), next: z.string() });

/** Whether a request for the feed of changes may wait. */
async function waiting(url: string, key: string | undefined): Promise<OutsideFinding[]> {
  if (key === undefined) return [];
  const read = (after: string) =>
    probe(url, `/v1/events?order=received&after=${encodeURIComponent(after)}&wait=${feedSeconds}`, {
      headers: { authorization: `Bearer ${key}` },
      timeoutMs: 2 * feedSeconds * secondMs,
    });
  const atEnd = await read("end");
  const end = feedPage.safeParse(jsonIn(atEnd.text)).data;
  const answer = end === undefined ? atEnd : await read(end.next);
  const page = feedPage.safeParse(jsonIn(answer.text)).data;
  if (page !== undefined)
    return page.events.length + page.news.length === 0
      ? [ok("idle", `a request may wait ${feedSeconds} s for its answer`)]
      : [note("idle", "whether a request may wait is not known, because something happened: ask again")];
  const refusal = refusalIn(answer);
  if (refusal !== null) return [note("idle", `whether a request may wait is not known: ${refusal.said}`)];
  return [wrong("idle", `a request may not wait ${feedSeconds} s for its answer: ${inShort(answer)}`, settings.idle)];
}
