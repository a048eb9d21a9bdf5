import { createHash } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { history } from "./reports.ts";

/** Bytes that do not pack: with them a body of units packs less than 200 to 1. */
const noise = createHash("shake256", { outputLength: 256 * 1024 })
  .update("x")
  .digest("base64");

type Unit = [name: string, head: string, unit: string | Buffer, tail: string, contentType?: string];
const form = "application/x-www-form-urlencoded";
const gb18030 = "application/json; charset=gb18030";
const event = JSON.stringify(history()).slice(0, -1);
const part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n';

/** Texts that are costly to read when they are repeated. */
export const units: Unit[] = [
  ["a word", "{1", "z", ""],
  ["a word like a key", "{gpi_", "z", ""],
  ["a form of pluses", "a=", "+", "", form],
  ["a form of percent signs", "a=", "%41", "", form],
  ["a form of fields", "a=1", "&a", "", form],
  ["a form in parts", part, "z", "\r\n--x--"],
  ["quotes", "{", "'", ""],
  ["escapes of Python", "{'a':'", "\\x41", "'}"],
  ["comments", "{", "/**/", ""],
  ["an unclosed comment", "{/*", "*", ""],
  ["characters of two bytes", "{", "é", ""],
  ["a text of characters of three bytes", '{"a":"', "中", '"}'],
  ["GB18030 of two bytes", '{"a":"', Buffer.from([0xd6, 0xd0]), '"}', gb18030],
  ["GB18030 of four bytes", '{"a":"', Buffer.from([0x81, 0x30, 0x81, 0x30]), '"}', gb18030],
  ["a number", '{"a":', "1", "}"],
  ["an unclosed text", '{"a":"', "z", ""],
  ["a text of backslashes", '{"a":"', "\\", ""],
  ["a text of escapes", '{"a":"', "\\u0041", '"}'],
  ["a text of keys", '{"a":"', "gpi_abcdefghijklmnopqrstuvwxyz1234 ", '"}'],
  ["a text in base64", '{"data":"', "eyJhIjoxfQ", '"}'],
  ["a text in a report", `${event},"x":"`, "z", '"}'],
  ["a list in a report", `${event},"x":[`, '"zz",', "1]}"],
  ["a picture that is none", `${event},"reg_pic":"/9j/`, "A ", '"}'],
  ["blanks", "{", " ", ""],
  ["brackets", "", "[", ""],
  ["lines", '{"a":1}\n', "z\n", ""],
  ["lines of reports", `${event}}\n`, '{"identity_id":"1","timestamp":1}\n', ""],
  ["objects joined by commas", `${event}}`, ',{"a":1}', ""],
  ["words of Python", "{'a': [", "None, ", "]}"],
  ["zeros", "", "\0", ""],
];

/** A body of about so many bytes, with noise in its middle if it will be packed. */
export function bodyOf([, head, unit, tail]: Unit, bytes: number, isNoisy: boolean): Buffer {
  const half = Buffer.alloc(Math.floor(bytes / 2 / Buffer.from(unit).length) * Buffer.from(unit).length, unit);
  return Buffer.concat([Buffer.from(head), half, Buffer.from(isNoisy ? noise : ""), half, Buffer.from(tail)]);
}

/** Posts a body on a new connection. Returns the status of the answer. */
export async function postBody(
  url: string,
  body: Buffer,
  { type = "application/json", encoding = "" },
): Promise<number> {
  const headers = { "content-type": type, ...(encoding === "" ? {} : { "content-encoding": encoding }) };
  const sent = request(url, { method: "POST", agent: false, headers });
  sent.end(body);
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  answer.resume();
  await once(answer, "end");
  return answer.statusCode ?? 0;
}
