import type { Message } from "../message/message.ts";
import { type Outgoing, type Reply, type Timeouts, why } from "../net/post.ts";
import type { AlertTarget } from "../target/target.ts";

/** What became of one try to send a message. */
export interface Sent {
  /** Of HTTP; null where no answer came, or the channel has none. */
  status: number | null;
  /** Why it was not taken, in words; null where it was. */
  failure: string | null;
  /** Whether it was this one message that was not taken: the next one may be. */
  isRefused: boolean;
  /** What of a message that was taken did not arrive. */
  warning?: string;
}

/** A message that the channel took, where it says nothing more of it. */
export const delivered: Sent = { status: null, failure: null, isRefused: false };

/** A message that nobody answered, and why. */
export function unanswered(error: unknown): Sent {
  return { status: null, failure: why(error), isRefused: false };
}

export interface SendDeps extends Timeouts {
  post(outgoing: Outgoing, timeouts: Timeouts): Promise<Reply>;
  clock(): number;
  /** Whether every rule may send to private addresses. */
  allowPrivateTargets: boolean;
  /** Whether an address is on the Internet, where nothing of an alert goes unencrypted. */
  isPublic(address: string): boolean;
}

/** Whether a message may go to a private address. */
export function mayBePrivate(target: AlertTarget, { allowPrivateTargets }: SendDeps): boolean {
  return target.allowPrivate || allowPrivateTargets;
}

/** How a message is put into the form of a channel and sent. Throws where no answer came. */
export interface Sender {
  /** Bytes of a picture that is sent along; 0 where the channel shows it from a link. */
  pictureBytes: number;
  /** Messages that the channel takes in one second, where it says so. */
  messagesASecond?: number;
  /** How many messages it is for the channel. */
  messagesFor(message: Pick<Message, "picture">): number;
  send(message: Message, target: AlertTarget, deps: SendDeps): Promise<Sent>;
}

/** A code by which a channel says what is wrong. */
export interface Fault {
  /** What it means and what to do. */
  words: string;
  /** Whether it is about the one message. */
  isRefused?: true;
}

/** What a channel said, in words. Its own text is from outside: it is shortened, and stands in quotes. */
export function failed(
  channel: string,
  { status, code, said }: { status: number; code: number | null; said: string },
  faults: Readonly<Record<number, Fault>>,
): Sent {
  const fault = code === null ? undefined : faults[code];
  const number = code === null ? `answered ${status}` : `${code}`;
  const quoted = said.replace(/[\p{Cc}\p{Cf}]/gu, " ").slice(0, 120);
  const words = fault?.words ?? `it says ${JSON.stringify(quoted)}`;
  const isRefused = fault === undefined ? isOfMessage(status, code) : fault.isRefused === true;
  return { status, failure: `${channel} ${number}: ${words}`, isRefused };
}

/**
 * Whether an unknown answer counts as the refusal of one message. An unknown code does: a channel may dislike a word in
 * a name, and that must not block all later messages.
 */
function isOfMessage(status: number, code: number | null): boolean {
  return status < 500 && !passing.has(status) && (code !== null || status >= 400);
}

/** Statuses that tell of the target, its load or its keys, and not of the message. */
const passing = new Set([401, 403, 404, 408, 425, 429]);

export const json = { "content-type": "application/json; charset=utf-8", "user-agent": "gatepost" };
