import * as z from "zod";
import { why } from "../net/why.ts";
import type { Sent } from "./sending.ts";

const smtpError = z.object({
  code: z.string().optional(),
  responseCode: z.int().optional(),
  command: z.string().optional(),
});

const byAnswer = new Map([
  [421, "the server is busy; it is tried again"],
  [450, "the mailbox is busy; it is tried again"],
  [451, "the server had a trouble of its own; it is tried again"],
  [452, "the server has no room; it is tried again"],
  [454, "the server does not sign anybody in just now"],
  [530, "the server wants somebody to sign in first: set the user in the URL, and secret"],
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
  ["ETIMEDOUT", "no answer came in time"],
  ["ENOTFOUND", "there is no server of this name: look at the URL"],
  ["EAI_AGAIN", "the name of the server cannot be looked up just now; it is tried again"],
  ["ECONNREFUSED", "nothing listens at this address and port: look at the URL"],
  ["ECONNRESET", "the server, or something before it, cut the connection"],
  ["EHOSTUNREACH", "no way leads to the server; it is tried again"],
  ["ENETUNREACH", "no way leads to the server; it is tried again"],
  ["ECONNECTION", "the server ended the connection"],
]);

/** Why a mail was not taken, in words. A refused mail is one that the server answered after it knew from whom and to whom. */
export function smtpFault(error: unknown): Sent {
  const { code, responseCode, command = "" } = smtpError.safeParse(error).data ?? {};
  const said = why(error)
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
