import { type Client, client, type Me, Refusal } from "@gatepost/client";
import { batch, computed, signal } from "@preact/signals";
import { addressOf } from "./address.ts";
import { noteServerTime } from "./clock.ts";
import { whyRefused } from "./failure.ts";
import { isFramable, serverAddress } from "./home.ts";
import { dropRollsOfUsers } from "./kept-rolls.ts";
import { fetchInTime } from "./loading.ts";
import { askProof } from "./proof.ts";

/** Why no user is signed in; null at the beginning and after signing out. */
export type SignedOut = {
  because: KeyFault | "ended" | "used" | "other-site";
  at: number;
} | null;

type KeyFault = "revoked" | "expired" | "unknown" | "ingest" | "too-many" | "unreachable" | "malformed";

const keptKey = "gatepost-read-key";
/** Says that this browser was given a session: without it, no server is asked for one that is not there. */
const keptSession = "gatepost-session";

/** By a key that this browser keeps; or by a cookie that no script can read, as a person, with a key or a first link. */
interface SignedIn {
  key: string | null;
}

const signedIn = signal<SignedIn | null>(null);
export const signedOut = signal<SignedOut>(null);
export const me = signal<Me | null>(null);
/** Whether it is not known yet if a user is signed in: the server is being asked about the cookie. */
export const isAsking = signal(false);
/** Whether the server does not answer about the cookie. */
export const isAway = signal(false);

export const session = computed<Client | null>(() => (signedIn.value === null ? null : clientOf(signedIn.value.key)));

const clientOf = (key: string | null): Client => client({ ...(key === null ? {} : { token: key }), fetch: watched });

const fetchHere = (path: string, init: RequestInit) =>
  fetchInTime(serverAddress(path), { ...init, credentials: "same-origin" });

/** The client of who is not signed in: for signing in. */
export const anybody: Client = client({ fetch: fetchHere });

/** What the key in use may do, by its first letters; null for a session. The server says it later. */
export const keyScope = computed(() => {
  const key = signedIn.value?.key ?? null;
  return key === null ? null : key.startsWith("gpa_") ? "admin" : "read";
});

/** The client of the signed-in user. Only signed-in pages ask for it. */
export function gatepost(): Client {
  const client = session.value;
  if (client === null) throw new Error("no one is signed in");
  return client;
}

/** Signs in by the address, by the session of this browser, or by the key that is kept; and by every link later. */
export function signInFromAddress(): void {
  addEventListener("hashchange", () => signInByLink(linked()));
  const link = linked();
  if (link !== null) signInByLink(link);
  else if (isFramable() || !hasSession()) signInWith(remembered());
  else {
    isAsking.value = true;
    void signInAgain();
  }
}

function signInWith(key: string | null): void {
  if (key !== null) void signIn(key, { isKept: false });
}

/** ms after which a server that did not answer is asked again, and after which one is called silent. */
const [againMs, patienceMs] = [5000, 3000];

async function signInAgain(): Promise<void> {
  const silent = setTimeout(() => (isAway.value = true), patienceMs);
  try {
    await signInByCookie();
  } catch (error) {
    const isOver = error instanceof Refusal && (error.status === 401 || error.status === 403);
    isAway.value = !isOver;
    if (isOver) noteSession(false);
    if (isOver) signInWith(remembered());
    else setTimeout(() => void (signedIn.peek() === null && signInAgain()), againMs);
  }
  clearTimeout(silent);
  isAsking.value = false;
}

interface Link {
  /** The code of a first link, or a key; null if the link is cut. */
  secret: string | null;
  isFirst: boolean;
  /** A screen must open again by itself after a loss of power: its browser keeps the key. */
  isForScreen: boolean;
}

/** Takes the secret of a sign-in link out of the address; null if the address is no such link. */
function linked(): Link | null {
  if (!/^#(?:setup|token)=/.test(location.hash)) return null;
  const isFirst = location.hash.startsWith("#setup=");
  const [, secret = null, size] = /^#\w+=([\w.-]{1,200})(?:&screen=([sml]))?$/.exec(location.hash) ?? [];
  const shown = addressOf(isFirst ? "setup" : "live");
  const opened = size === undefined ? shown : addressOf("screen", null, { size: [size] });
  history.replaceState(null, "", location.pathname + opened);
  return { secret, isFirst, isForScreen: size !== undefined };
}

function signInByLink(link: Link | null): void {
  if (link === null || link.secret === null) return;
  const { secret, isFirst, isForScreen } = link;
  if (isFramable() && !(isForScreen && isReadKey(secret))) return;
  if (isFirst) void openSession(() => anybody.send("POST /v1/sign-in/setup", { body: { code: secret } }), isFirst);
  else if (isForScreen && isReadKey(secret)) void signIn(secret, { isKept: true });
  else void signInByKey(secret);
}

/** Exchanges a key for a session, so that this page need not remember the key. */
export async function signInByKey(key: string): Promise<void> {
  if (!hasKeyForm(key)) return;
  await openSession(() => client({ token: key, fetch: fetchHere }).send("POST /v1/sign-in/key"));
}

/**
 * Begins a session, and signs in by its cookie. A first link works once: opened again, it leads back to the session of
 * this browser.
 */
async function openSession(begin: () => Promise<unknown>, isFirst = false): Promise<void> {
  isAsking.value = true;
  try {
    await begin();
    await signInByCookie();
  } catch (error) {
    const isBack =
      isFirst &&
      hasSession() &&
      (await signInByCookie().then(
        () => true,
        () => false,
      ));
    if (!isBack) refuseLink(error);
  }
  isAsking.value = false;
}

function refuseLink(error: unknown): void {
  const { status = 0, code = null } = error instanceof Refusal ? error : {};
  const at = Date.now();
  const faults: Record<number, NonNullable<SignedOut>["because"]> = { 403: "ingest", 410: "used", 429: "too-many" };
  const because =
    status === 401
      ? whyRefused(code, null, at)
      : code === "other-site" || code === "no-site"
        ? "other-site"
        : (faults[status] ?? "unreachable");
  batch(() => {
    signedIn.value = null;
    me.value = null;
    signedOut.value = { because, at };
  });
}

/** Signs in with a key. The page is shown at once, and signed out again if the key opens nothing. */
export async function signIn(key: string, { isKept }: { isKept: boolean }): Promise<void> {
  if (!hasKeyForm(key)) return;
  batch(() => {
    asked = null;
    signedIn.value = { key };
    signedOut.value = null;
    me.value = null;
  });
  if (isKept) keep(key);
  await aboutMe().catch(() => null);
}

/** Whether a text begins as a key that opens the console. Says why not. */
function hasKeyForm(key: string): boolean {
  if (/^gp[ra]_/.test(key)) return true;
  signedOut.value = { because: key.startsWith("gpi_") ? "ingest" : "malformed", at: Date.now() };
  return false;
}

/** Signs in as the user whose cookie this browser has now. Rejects if the cookie opens nothing. */
export async function signInByCookie(): Promise<void> {
  const answer = await askAboutMe(anybody);
  batch(() => {
    asked = null;
    signedIn.value = { key: null };
    signedOut.value = null;
    me.value = answer;
    isAway.value = false;
  });
  dropRollsOfUsers(answer.account?.id);
  noteSession(true);
}

let asked: Promise<Me> | null = null;

/** Who the user is, and the facts of the server: asked for once, and again only if no answer arrived. */
export function aboutMe(): Promise<Me> {
  if (me.value !== null) return Promise.resolve(me.value);
  asked ??= askedBy(gatepost(), signedIn.value);
  return asked;
}

/** Asks for the server's time again, and for changes of the user. Rejects if no answer arrives. */
export async function askTime(): Promise<void> {
  const client = session.peek();
  if (client !== null) await askedBy(client, signedIn.peek());
}

async function askedBy(client: Client, by: SignedIn | null): Promise<Me> {
  try {
    const answer = await askAboutMe(client);
    if (signedIn.value === by) me.value = answer;
    return answer;
  } finally {
    asked = null;
  }
}

async function askAboutMe(client: Client): Promise<Me> {
  const asked = performance.now();
  const answer = await client.ask("GET /v1/me");
  // The user may have set this browser's clock meanwhile: that clock cannot measure how long it took.
  noteServerTime(Date.parse(answer.now), Date.now() - (performance.now() - asked) / 2);
  return answer;
}

export function signOut(because: SignedOut = null): void {
  const [client, by] = [session.value, signedIn.value];
  batch(() => {
    signedIn.value = null;
    me.value = null;
    signedOut.value = because;
  });
  forget();
  if (by?.key === null) noteSession(false);
  if (because !== null || client === null) return;
  if (by?.key === null) void client.send("DELETE /v1/sessions/{id}", { path: { id: "current" } }).catch(() => {});
  // The server forgets the pictures' cookie; if it cannot be reached, the cookie ends with its hour.
  else void client.send("DELETE /v1/tickets").catch(() => {});
}

export const isReadKey = (key: string) => key.startsWith("gpr_");

/**
 * Every answer passes here: who may open nothing any more is signed out at once, whichever part asked. A request that needs
 * a proof is sent again after it.
 */
async function watched(url: string, init: RequestInit): Promise<Response> {
  const by = signedIn.value;
  const answer = await fetchHere(url, init);
  if ((answer.status !== 401 && answer.status !== 403) || by === null || by !== signedIn.value) return answer;
  const problem = await answer
    .clone()
    .json()
    .catch(() => null);
  const isProved = problem?.code === "factor-needed" && (await askProof(problem.needs ?? []));
  // Another user may have signed in meanwhile.
  if (by !== signedIn.value) return answer;
  if (isProved) return watched(url, init);
  if (answer.status === 401) signOutBy(problem?.code ?? null);
  return answer;
}

function signOutBy(code: string | null): void {
  const at = Date.now();
  // The session of a key ends with the key, and then the server says why.
  const isOfKey = signedIn.value?.key !== null || code === "revoked" || code === "expired";
  const because = isOfKey ? whyRefused(code, me.value, at) : "ended";
  signOut({ because, at });
}

/** Signs out a user whom the feed of changes refuses. */
export function signOutRefused({ status, code }: Refusal): void {
  if (status === 403) signOut({ because: "ingest", at: Date.now() });
  else if (signedIn.value !== null) signOutBy(code);
}

/** Only a key that may do no harm is kept. */
function keep(key: string): void {
  if (isReadKey(key)) write(keptKey, key);
}

export const forget = () => write(keptKey, null);

export const isKept = () => remembered() !== null;

/** Whether this page has a key, and no session. */
export const hasKey = () => (signedIn.value?.key ?? null) !== null;

/** Keeps the key in use, where it is one for reading. */
export function keepKey(): void {
  const key = signedIn.value?.key ?? null;
  if (key !== null) keep(key);
}

const remembered = () => read(keptKey);

/** Notes whether this browser has a session. It is noted before the user leaves for the company's page, too. */
export function noteSession(is: boolean): void {
  write(keptSession, is ? "1" : null);
  if (!is) dropRollsOfUsers();
}

const hasSession = () => read(keptSession) !== null;

/** A browser may keep nothing, as a private window or a full one. */
function write(name: string, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(name);
    else localStorage.setItem(name, text);
  } catch {}
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
