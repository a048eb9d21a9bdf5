import { jsonIn, omitAbsent } from "@gatepost/protocol";
import * as z from "zod";
import { fitting, plainOf } from "../message/lines.ts";
import type { Message } from "../message/message.ts";
import type { AlertTarget } from "../target/target.ts";
import { type Fault, failed, json, reachOf, type SendDeps, type Sender, type Sent } from "./sending.ts";

/** Bytes of a message; a longer one becomes a file. docs/alerts.md#ntfy */
const textBytes = 4000;

/** With a picture the text is in the URL, of which a proxy may accept 8 KB. */
const textBytesInUrl = 1500;

const tooMany = { words: "too many messages: ntfy takes 60 at once and then one every 5 s" };
const faults: Readonly<Record<string, Fault>> = {
  40009: { words: "the name of the topic is not right" },
  40010: { words: "the server does not allow this topic" },
  40014: { words: "the server takes no pictures" },
  40101: { words: "the token is wrong: write it as secret" },
  40301: { words: "the token may not write to this topic" },
  41301: { words: "the picture is too large for the server, or its room is full" },
  42901: tooMany,
  42905: { words: "the server takes no more pictures today" },
  42908: { words: "the server takes no more messages today" },
  50701: { words: "the server's disk is full" },
};

/** It takes the message, but not the picture. */
const withoutPicture = new Set([40014, 41301, 42905]);

const answer = z.object({ code: z.int().optional(), error: z.string().optional() });

/** A topic of ntfy: one notification, with the picture as its attachment. */
export const ntfy: Sender = {
  pictureBytes: 2 * 1024 * 1024,
  messagesFor: () => 1,
  async send(message, target, deps) {
    const { sent, code } = await publish(message, target, deps);
    if (message.picture === null || !withoutPicture.has(code ?? 0)) return sent;
    return (await publish({ ...message, picture: null }, target, deps)).sent;
  },
};

async function publish(
  message: Message,
  target: AlertTarget,
  deps: SendDeps,
): Promise<{ sent: Sent; code: number | null }> {
  const reach = reachOf(target, deps);
  const form = message.picture === null ? asJson(message, target) : asUpload(message, message.picture, target);
  const headers = { ...form.headers, ...authorization(target.secret) };
  const { status, text } = await deps.post({ ...form, headers, ...reach }, deps);
  if (status === 200) return { sent: { status, failure: null, isRefused: false }, code: null };
  const { code = null, error = "" } = answer.safeParse(jsonIn(text)).data ?? {};
  return { sent: failed("ntfy", { status, code, said: error }, faults), code };
}

/** The topic is a field of the JSON, which is posted to the server's root. */
function asJson({ title, lines, url, isUrgent }: Message, target: AlertTarget) {
  const topic = target.url.pathname.split("/").at(-1) ?? "";
  const body = JSON.stringify({
    topic,
    title,
    message: fitting(lines.map(plainOf), { between: "\n", bytes: textBytes }),
    click: url ?? undefined,
    priority: isUrgent ? 4 : undefined,
  });
  return { url: new URL("./", target.url), headers: json, body };
}

/** The picture is the body, so all else is in the query, which takes any text. */
function asUpload(
  { title, lines, url, isUrgent }: Message,
  { bytes, contentType }: NonNullable<Message["picture"]>,
  target: AlertTarget,
) {
  const to = new URL(target.url);
  // There, and there alone, ntfy makes a line's end of a backslash and an n.
  const written = lines.map((line) => plainOf(line).replaceAll("\\", "＼"));
  const query = {
    title,
    message: fitting(written, { between: "\n", bytes: textBytesInUrl }),
    filename: contentType === "image/png" ? "picture.png" : "picture.jpg",
    ...omitAbsent({ click: url, priority: isUrgent ? "4" : null }),
  };
  for (const [name, value] of Object.entries(query)) to.searchParams.set(name, value);
  return {
    url: to,
    method: "PUT" as const,
    headers: { "content-type": contentType, "user-agent": "gatepost" },
    body: bytes,
  };
}

/** A token, or a user and a password with a colon between them. */
function authorization(secret: string | null): Record<string, string> {
  if (secret === null) return {};
  return secret.includes(":")
    ? { authorization: `Basic ${Buffer.from(secret).toString("base64")}` }
    : { authorization: `Bearer ${secret}` };
}
