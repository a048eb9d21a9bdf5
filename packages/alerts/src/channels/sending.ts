import type { Message } from "../message/message.ts";
import { type Outgoing, type Reply, type Timeouts, why } from "../net/post.ts";
import type { AlertTarget } from "../target/target.ts";

/** The result of one try to send a message. */
export interface Sent {
  /** The HTTP status; null if no answer arrived, or the channel has none. */
  status: number | null;
  /** Why it was not taken, in words; null if it was. */
  failure: string | null;
  /** Whether it was this one message that was not taken: the next one may be. */
  isRefused: boolean;
  /** ms for which the channel asks to be left alone, if it does. */
  retryAfterMs?: number;
  /** What of a message that was taken did not arrive. */
  warning?: string;
}

/** A message that the channel accepted without further detail. */
export const delivered: Sent = { status: null, failure: null, isRefused: false };

/** A message without an answer, and the reason. `ca` is the authority that its connection trusts. */
export function unanswered(error: unknown, { ca }: Pick<AlertTarget, "ca">): Sent {
  return { status: null, failure: why(error, ca), isRefused: false };
}

export interface SendDeps extends Timeouts {
  post(outgoing: Outgoing, timeouts: Timeouts): Promise<Reply>;
  clock(): number;
  /** The id of this Gatepost: other servers may send over the same channel. */
  server: string;
  /** Whether every rule may send to private addresses. */
  allowPrivateTargets: boolean;
  /** Whether an address is on the Internet, to which no alert is sent unencrypted. */
  isPublic(address: string): boolean;
}

/** Whether a message may go to a private address, and the authority that it trusts. */
export function reachOf(
  { allowPrivate, ca }: AlertTarget,
  { allowPrivateTargets }: Pick<SendDeps, "allowPrivateTargets">,
) {
  return { allowPrivate: allowPrivate || allowPrivateTargets, ca };
}

/** Converts a message to the form of a channel and sends it. Throws if no answer arrived. */
export interface Sender {
  /** Maximum bytes of an attached picture; 0 if the channel shows it from a link. */
  pictureBytes: number;
  /** Messages that the channel accepts in one second, if it documents a limit. */
  messagesASecond?: number;
  /** How many messages it is for the channel. */
  messagesFor(message: Pick<Message, "picture">): number;
  send(message: Message, target: AlertTarget, deps: SendDeps): Promise<Sent>;
}

/** An error code of a channel. */
export interface Fault {
  /** Its meaning, and the remedy. */
  words: string;
  /** Whether it is about the one message. */
  isRefused?: true;
}

/** What a channel answered in place of taking a message. */
interface Refusal {
  status: number;
  /** Its own code of the fault, if it has one. */
  code: number | string | null;
  /** Its own words. */
  said: string;
  retryAfterMs?: number;
}

/** A channel's error, in words. Its own text is from outside: it is shortened and quoted. */
export function failed(
  channel: string,
  { status, code, said, retryAfterMs = 0 }: Refusal,
  faults: Readonly<Record<string, Fault>>,
): Sent {
  const fault = code === null ? undefined : faults[code];
  const number = code === null ? `answered ${status}` : `${code}`;
  const quoted = said.replace(/[\p{Cc}\p{Cf}]/gu, " ").slice(0, 120);
  const words = fault?.words ?? (quoted.trim() === "" ? "it gives no reason" : `it says ${JSON.stringify(quoted)}`);
  const isRefused = fault === undefined ? isOfMessage(status, code) : fault.isRefused === true;
  return {
    status,
    failure: `${channel} ${number}: ${words}`,
    isRefused,
    ...(retryAfterMs > 0 ? { retryAfterMs } : {}),
  };
}

/**
 * Whether an unknown answer counts as the refusal of one message. An unknown code does: a channel may dislike a word in
 * a name, and that must not block all later messages.
 */
function isOfMessage(status: number, code: number | string | null): boolean {
  return status < 500 && !passing.has(status) && (code !== null || status >= 400);
}

/** Statuses that are about the target, its load or its keys, not about the message. */
const passing = new Set([401, 403, 404, 408, 425, 429]);

export const json = { "content-type": "application/json; charset=utf-8", "user-agent": "gatepost" };
