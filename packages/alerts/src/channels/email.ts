import { once } from "node:events";
import type { Socket } from "node:net";
import { inHtml } from "@gatepost/core/html";
import { fitting, htmlOf, plainOf } from "../message/lines.ts";
import type { Message } from "../message/message.ts";
import { dial, endpointOf } from "../net/sockets.ts";
import { senderOf, userOf } from "../target/channel-url.ts";
import type { AlertTarget } from "../target/target.ts";
import { delivered, mayBePrivate, type SendDeps, type Sender } from "./sending.ts";
import { smtpFault } from "./smtp-fault.ts";

/** Bytes of the plain text of a mail. */
const textBytes = 16_000;

const pictureId = "picture@gatepost";

/** A mail over a server of SMTP, with the picture in it. */
export const email: Sender = {
  pictureBytes: 5 * 1024 * 1024,
  messagesFor: () => 1,
  async send(message, target, deps) {
    const { createTransport } = await import("nodemailer");
    // Of a signal that is over already, nobody would be told.
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
      const { rejected } = await transport.sendMail(mailOf(message, target));
      return {
        ...delivered,
        ...(rejected.length === 0
          ? {}
          : { warning: `refused: ${rejected.length} of ${target.recipients.length} addresses` }),
      };
    } catch (error) {
      return smtpFault(error);
    } finally {
      clearTimeout(late);
      deps.signal.removeEventListener("abort", end);
      socket.destroy();
    }
  },
};

type Given = (error: Error | null, socket: { connection: Socket }) => void;

/** The connection, which nodemailer encrypts itself. */
function dialed(target: AlertTarget, deps: SendDeps): Socket {
  const { url } = target;
  return dial({ url, ...endpointOf(url), isTls: false, allowPrivate: mayBePrivate(target, deps) });
}

function settings({ url, secret }: AlertTarget, { timeoutMs, isPublic }: SendDeps, { remoteAddress = "" }: Socket) {
  const user = userOf(url);
  return {
    ...{ host: url.hostname, port: endpointOf(url).port, secure: endpointOf(url).isTls },
    // Nothing goes over the Internet as it is: no password, and no name or picture either.
    requireTLS: isPublic(remoteAddress),
    ...(secret === null ? {} : { auth: { user, pass: secret } }),
    ...{ greetingTimeout: timeoutMs, socketTimeout: timeoutMs, dnsTimeout: timeoutMs },
    ...{ disableFileAccess: true, disableUrlAccess: true, logger: false },
  };
}

/** What is in the headers is one line without control characters; all else that mail needs is nodemailer's. */
function mailOf({ rule, title, lines, picture }: Message, { url, recipients }: AlertTarget) {
  const image = picture === null ? "" : `<p><img src="cid:${pictureId}" alt="" style="max-width:100%"></p>`;
  const body = lines.map((line) => `<p>${htmlOf(line)}</p>`).join("\n");
  return {
    from: { name: "Gatepost", address: senderOf(url) ?? "" },
    to: recipients.map((address) => ({ name: "", address })),
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
              ...{ content: picture.bytes, contentType: picture.contentType, cid: pictureId },
            },
          ],
  };
}
