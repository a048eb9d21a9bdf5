import { once } from "node:events";
import type { Socket } from "node:net";
import type { FileMail } from "@gatepost/core/accounts";
import { trusting } from "@gatepost/core/authority";
import { inHtml } from "@gatepost/core/html";
import type { SendMailOptions } from "nodemailer";
import * as z from "zod";
import { fitting, htmlOf, plainOf } from "../message/lines.ts";
import type { Message } from "../message/message.ts";
import { isOverInternet } from "../net/addresses.ts";
import { dial, endpointOf, why } from "../net/post.ts";
import { senderOf, userOf } from "../target/channel-url.ts";
import type { AlertTarget } from "../target/target.ts";
import { delivered, reachOf, type SendDeps, type Sender, type Sent } from "./sending.ts";

const smtpError = z.object({
  code: z.string().optional(),
  responseCode: z.int().optional(),
  command: z.string().optional(),
});

const byAnswer = new Map([
  [421, "the server is busy; it is tried again"],
  [450, "the mailbox is busy; it is tried again"],
  [451, "the server had an internal error; it is tried again"],
  [452, "the server has no room; it is tried again"],
  [454, "the server accepts no sign-in just now"],
  [530, "the server requires a sign-in: set the user in the URL, and secret"],
  [534, "the server wants another kind of password: most ask for one made for programs"],
  [535, "the user or the password is wrong; many servers want a password made for programs (授权码)"],
  [550, "the server refused an address, or the mail as such"],
  [552, "the mail is too large for the server"],
  [553, "the server does not let this user send from this address: set from in the URL"],
  [554, "the server takes the mail for spam, or refused it for another reason"],
]);

const byCode = new Map([
  ["EAUTH", "the user or the password is wrong"],
  ["ETLS", "the connection could not be encrypted, and nothing goes over the Internet by another"],
  ["ETIMEDOUT", "no answer was received in time"],
  ["ENOTFOUND", "there is no server of this name: look at the URL"],
  ["EAI_AGAIN", "the name of the server cannot be looked up just now; it is tried again"],
  ["ECONNREFUSED", "nothing listens at this address and port: look at the URL"],
  ["ECONNRESET", "the server, or something before it, cut the connection"],
  ["EHOSTUNREACH", "no way leads to the server; it is tried again"],
  ["ENETUNREACH", "no way leads to the server; it is tried again"],
  ["ECONNECTION", "the server ended the connection"],
]);

/** Why a mail was not taken, in words. A refused mail is one that the server answered after it knew from whom and to whom. */
export function smtpFault(error: unknown, ca?: string | null): Sent {
  const { code, responseCode, command = "" } = smtpError.safeParse(error).data ?? {};
  const said = why(error, ca)
    .replace(/[\p{Cc}\p{Cf}]/gu, " ")
    .slice(0, 160);
  // Servers refuse STARTTLS with any number.
  const answered = code === "ETLS" ? undefined : byAnswer.get(responseCode ?? 0);
  const words = answered ?? byCode.get(code ?? "") ?? "it was not taken";
  const isOfMail = /^(RCPT|DATA)/.test(command) || code === "EMESSAGE" || code === "EENVELOPE";
  const isRefused = isOfMail && responseCode !== undefined && responseCode >= 500 && responseCode !== 530;
  return {
    status: null,
    failure: `${["e-mail", responseCode ?? code].filter(Boolean).join(" ")}: ${words} (${JSON.stringify(said)})`,
    isRefused,
  };
}

/** Bytes of the plain text of a mail. */
const textBytes = 16_000;

const pictureId = "picture@gatepost";

/** A mail over a server of SMTP, with the picture in it. */
export const email: Sender = {
  pictureBytes: 5 * 1024 * 1024,
  messagesFor: () => 1,
  send: (message, target, deps) => transmit(mailOf(message, target), target, deps),
};

/** What a mail needs of its channel. */
type MailDeps = Pick<SendDeps, "timeoutMs" | "signal" | "allowPrivateTargets" | "isPublic">;

/** Sends a mail with files over the server of a target. A refusal, or no answer, is in the result. */
export function sendFiles(
  { to, subject, lines, files }: FileMail,
  target: AlertTarget,
  deps: Omit<MailDeps, "isPublic">,
): Promise<Sent> {
  const mail = {
    ...envelopeOf(target, to),
    subject,
    text: lines.join("\n"),
    html: `<!doctype html><meta charset="utf-8">\n${lines.map((line) => `<p>${inHtml(line)}</p>`).join("\n")}`,
    headers: { "Auto-Submitted": "auto-generated" },
    attachments: files.map(({ name, contentType, bytes }) => ({ filename: name, contentType, content: bytes })),
  };
  return transmit(mail, target, { ...deps, isPublic: isOverInternet });
}

async function transmit(mail: SendMailOptions, target: AlertTarget, deps: MailDeps): Promise<Sent> {
  const { createTransport } = await import("nodemailer");
  // An already aborted signal would fire no event.
  deps.signal.throwIfAborted();
  const socket = dialed(target, deps);
  const end = () => socket.destroy(new Error("ended"));
  const late = setTimeout(() => socket.destroy(new Error(`not taken within ${deps.timeoutMs} ms`)), deps.timeoutMs);
  deps.signal.addEventListener("abort", end);
  try {
    await once(socket, "connect");
    const transport = createTransport({
      ...settings(target, deps, socket),
      getSocket: (_: unknown, callback: Given) => callback(null, { connection: socket }),
    });
    const { accepted, rejected } = await transport.sendMail(mail);
    const all = accepted.length + rejected.length;
    const warning = `refused: ${rejected.length} of ${all} addresses`;
    return rejected.length === 0 ? delivered : { ...delivered, warning };
  } catch (error) {
    return smtpFault(error, target.ca);
  } finally {
    clearTimeout(late);
    deps.signal.removeEventListener("abort", end);
    socket.destroy();
  }
}

type Given = (error: Error | null, socket: { connection: Socket }) => void;

/** The connection, which nodemailer encrypts itself. */
function dialed(target: AlertTarget, deps: MailDeps): Socket {
  const { url } = target;
  return dial({ url, ...endpointOf(url), isTls: false, ...reachOf(target, deps) });
}

function settings({ url, secret, ca }: AlertTarget, { timeoutMs, isPublic }: MailDeps, { remoteAddress = "" }: Socket) {
  const user = userOf(url);
  return {
    host: url.hostname,
    port: endpointOf(url).port,
    secure: endpointOf(url).isTls,
    // Nothing goes over the Internet as it is: no password, and no name or picture either.
    requireTLS: isPublic(remoteAddress),
    tls: trusting(ca),
    ...(secret === null ? {} : { auth: { user, pass: secret } }),
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  };
}

function envelopeOf({ url }: AlertTarget, to: readonly string[]) {
  return {
    from: { name: "Gatepost", address: senderOf(url) ?? "" },
    to: to.map((address) => ({ name: "", address })),
  };
}

/** A header is one line without control characters; nodemailer takes care of the rest of the mail format. */
function mailOf({ rule, title, lines, picture }: Message, target: AlertTarget) {
  const image = picture === null ? "" : `<p><img src="cid:${pictureId}" alt="" style="max-width:100%"></p>`;
  const body = lines.map((line) => `<p>${htmlOf(line)}</p>`).join("\n");
  return {
    ...envelopeOf(target, target.recipients),
    subject: title,
    text: fitting(lines.map(plainOf), { between: "\n", bytes: textBytes }),
    html: `<!doctype html><meta charset="utf-8"><h3>${inHtml(title)}</h3>\n${body}\n${image}`,
    headers: { "Auto-Submitted": "auto-generated", "X-Gatepost-Rule": rule },
    attachments:
      picture === null
        ? []
        : [
            {
              filename: picture.contentType === "image/png" ? "picture.png" : "picture.jpg",
              content: picture.bytes,
              contentType: picture.contentType,
              cid: pictureId,
            },
          ],
  };
}
