import { type Client, client, type Me, type Refusal } from "@gatepost/client";
import { batch, computed, signal } from "@preact/signals";
import { addressOf } from "./address.ts";
import { noteServerTime } from "./clock.ts";
import { whyRefused } from "./failure.ts";
import { fetchInTime } from "./loading.ts";

/** Why no user is signed in; null at the beginning and after signing out. */
export type SignedOut = {
  because: "revoked" | "expired" | "unknown" | "ingest" | "too-many" | "unreachable" | "malformed";
  at: number;
} | null;

const kept = "gatepost-read-key";

/** The key, in memory alone; a read key may be kept in the browser when asked. */
const token = signal<string | null>(null);
export const signedOut = signal<SignedOut>(null);
export const me = signal<Me | null>(null);

export const session = computed<Client | null>(() =>
  token.value === null ? null : client({ token: token.value, fetch: watched }),
);

/** What the key may do, known by its first letters before the server has answered. */
export const isAdmin = computed(
  () => (me.value?.key?.scope ?? (token.value?.startsWith("gpa_") ? "admin" : "read")) === "admin",
);

/** Whether the key sees some boxes alone. */
export const isLimited = computed(() => me.value?.key?.boxes !== undefined);

/** The client of the signed-in user. Only signed-in pages ask for it. */
export function gatepost(): Client {
  const signedIn = session.value;
  if (signedIn === null) throw new Error("nobody is signed in");
  return signedIn;
}

/** Signs in by the address or the key that is kept, and by every sign-in link that is opened in this page later. */
export function signInFromAddress(): void {
  addEventListener("hashchange", () => signInWith(linkedKey()));
  signInWith(linkedKey() ?? remembered());
}

function signInWith(key: string | null): void {
  if (key !== null) void signIn(key, { isKept: false });
}

/** Takes the key of a sign-in link out of the address; null where it is none. */
function linkedKey(): string | null {
  if (!location.hash.startsWith("#token=")) return null;
  const [, key = null] = /^#token=([\w.-]{1,200})$/.exec(location.hash) ?? [];
  history.replaceState(null, "", `/${addressOf("live")}`);
  return key;
}

/** Signs in with a key. The page is shown at once, and signed out again if the key opens nothing. */
export async function signIn(key: string, { isKept }: { isKept: boolean }): Promise<void> {
  if (!/^gp[ra]_/.test(key)) {
    signedOut.value = { because: key.startsWith("gpi_") ? "ingest" : "malformed", at: Date.now() };
    return;
  }
  batch(() => {
    asked = null;
    token.value = key;
    signedOut.value = null;
    me.value = null;
  });
  if (isKept) keep(key);
  await aboutMe().catch(() => null);
}

let asked: Promise<Me> | null = null;

/** The key and the facts of the server: asked for once, and again only if no answer arrived. */
export function aboutMe(): Promise<Me> {
  if (me.value !== null) return Promise.resolve(me.value);
  asked ??= askedBy(gatepost(), token.value);
  return asked;
}

/** Asks for the server's time again, and for changes of the key. Rejects if no answer arrives. */
export async function askTime(): Promise<void> {
  if (session.peek() !== null) await askedBy(gatepost(), token.peek());
}

async function askedBy(client: Client, used: string | null): Promise<Me> {
  try {
    const asked = performance.now();
    const answer = await client.ask("GET /v1/me");
    // The user may have set this browser's clock meanwhile: that clock cannot measure how long it took.
    noteServerTime(Date.parse(answer.now), Date.now() - (performance.now() - asked) / 2);
    if (token.value === used) me.value = answer;
    return answer;
  } finally {
    asked = null;
  }
}

export function signOut(because: SignedOut = null): void {
  const signedIn = session.value;
  batch(() => {
    token.value = null;
    me.value = null;
    signedOut.value = because;
  });
  forget();
  // The server forgets the pictures' cookie; if it cannot be reached, the cookie ends with its hour.
  if (because === null) void signedIn?.send("DELETE /v1/tickets").catch(() => {});
}

export const isReadKey = (key: string) => key.startsWith("gpr_");

/** Every answer passes here: a key that opens nothing any more signs out at once, whichever part asked. */
async function watched(url: string, init: RequestInit): Promise<Response> {
  const used = token.value;
  const answer = await fetchInTime(url, { ...init, credentials: "same-origin" });
  if (answer.status !== 401 || used === null || used !== token.value) return answer;
  const problem = await answer
    .clone()
    .json()
    .catch(() => null);
  // Another key may have signed in while it was read.
  if (used === token.value) signOutBy(problem);
  return answer;
}

function signOutBy(problem: { code?: string } | null): void {
  const at = Date.now();
  signOut({ because: whyRefused(problem?.code ?? null, me.value, at), at });
}

/** What the live feed says of a key that it does not take. */
export function signOutRefused(refusal: Refusal | null): void {
  const at = Date.now();
  if (refusal?.status === 403) signOut({ because: "ingest", at });
  else if (token.value !== null) signOut({ because: whyRefused(refusal?.code ?? null, me.value, at), at });
}

/** Only a key that may do no harm is kept. */
function keep(key: string): void {
  if (!isReadKey(key)) return;
  try {
    localStorage.setItem(kept, key);
  } catch {}
}

export function forget(): void {
  try {
    localStorage.removeItem(kept);
  } catch {}
}

export const isKept = () => remembered() !== null;

/** Keeps the key in use, where it is one for reading. */
export function keepKey(): void {
  if (token.value !== null) keep(token.value);
}

function remembered(): string | null {
  try {
    return localStorage.getItem(kept);
  } catch {
    return null;
  }
}
