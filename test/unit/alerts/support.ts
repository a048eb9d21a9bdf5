import { alertTargetSchema } from "@gatepost/alerts/targets";
import { Zone } from "@gatepost/core/zones";
import { onTestFinished } from "vitest";
import { senders } from "../../../packages/alerts/src/channels/senders.ts";
import type { SendDeps, Sent } from "../../../packages/alerts/src/channels/sending.ts";
import { type Message, messageOf } from "../../../packages/alerts/src/message/message.ts";
import { type Subject, subjectOfEvent } from "../../../packages/alerts/src/message/subject.ts";
import { post } from "../../../packages/alerts/src/net/post.ts";
import { noon, report, upsert } from "../../contract/samples.ts";
import { jpeg } from "../../support/pictures.ts";

const shanghai = Zone.find("Asia/Shanghai") ?? Zone.utc;

export function target(wish: Record<string, unknown>) {
  return alertTargetSchema.parse({ allowPrivate: true, ...wish });
}

/** A person who passed at noon, as it is stored. */
export function subject(
  person: Partial<{ id: string; name: string; type: "vip" | "blacklist" | "stranger" }> = {},
  device = {},
): Subject {
  const { eventId, box, isSecondFace } = upsert("a");
  const told = report({
    person: { id: "666666", name: "小明", type: "vip", ...person },
    device: { name: "东门", ...device },
  });
  const reports = [told];
  return subjectOfEvent({ id: eventId, box, isSecondFace, reports, actions: [] }, "passing", false);
}

export const links = {
  event: "https://gate.example/#/events/evt_a",
  picture: "https://gate.example/v1/pictures/signed",
  mute: "https://gate.example/v1/mutes/signed",
};

export const picture = { bytes: jpeg("face"), contentType: "image/jpeg" as const };

/** The alert of a person, for a channel. */
export function message(
  wish: Record<string, unknown>,
  about: Subject = subject(),
  { withPicture = true, ...others }: Partial<Message> & { withPicture?: boolean } = {},
): Message {
  const shown = senders[target(wish).type].pictureBytes > 0 && withPicture ? picture : null;
  const of = { rule: "vip-arrives", target: target(wish), zone: shanghai, links, picture: shown };
  return { ...messageOf(about, of), ...others };
}

/** The ports of senders at noon. */
export const sending: SendDeps = {
  timeoutMs: 600_000,
  signal: new AbortController().signal,
  post,
  allowPrivateTargets: false,
  clock: () => noon,
  server: "0123456789ab",
  isPublic: () => false,
};

/** Sends an alert to the target of a rule. */
export async function send(
  wish: Record<string, unknown>,
  sent: Message = message(wish),
  deps: SendDeps = sending,
): Promise<Sent> {
  const to = target(wish);
  return senders[to.type].send(sent, to, deps);
}

/** A stand-in that ends with the test. */
export async function listening<StandIn extends { listen(): Promise<StandIn>; close(): Promise<void> }>(
  standIn: StandIn,
): Promise<StandIn> {
  await standIn.listen();
  onTestFinished(() => standIn.close());
  return standIn;
}

/** Names by which a person may try to break out of a message, or to mention everyone. */
export const hostileNames = [
  "**bold** [click](http://evil.test) ![x](http://evil.test/x.png)",
  '<@all> @all @所有人 <at id=all></at> <at user_id="all">x</at>',
  "<script>alert(1)</script><img src=x onerror=alert(1)>&lt;b&gt;",
  "x\r\nBcc: victim@evil.test\r\n\r\nbody",
  '"},"at":{"isAtAll":true},"x":{"a":"',
  "‮gnp.exe‏​﻿\u0000\u0007\u2028line\u2029",
  "\ud800 lonely \udfff",
  "`code` ~~strike~~ # head > quote | table $math$ {who} {{value_json}}",
  "visit www.evil.test/x, evil.test, t.me/x, 1.2.3.4/x or mail a@evil.test",
  "evil。com evil．com evil｡com 😀.ws",
  "line\\nWhere: elsewhere",
  `=?UTF-8?B?${Buffer.from("Where: elsewhere\nhttp://evil.test").toString("base64")}?=`,
  "名".repeat(5000),
] as const;
