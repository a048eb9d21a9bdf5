import { getEventListeners, once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { sendFiles, smtpFault } from "../../../packages/alerts/src/channels/email.ts";
import { SmtpServer } from "../../standins/channels/smtp.ts";
import { hostileNames, links, listening, message, picture, send, sending, subject, target } from "./support.ts";

async function open(others: Record<string, unknown> = {}) {
  const server = await listening(new SmtpServer());
  const to = { type: "email", url: server.url, secret: server.password, to: "guard@example.com, desk@example.com" };
  return { server, to: { ...to, ...others } };
}

/** The headers of a mail, folded lines joined, and the rest. */
function parts(data: string): { headers: string[]; body: string } {
  const [head = "", ...body] = data.split("\n\n");
  return { headers: head.replace(/\n[ \t]+/g, " ").split("\n"), body: body.join("\n\n") };
}

/** The elements of the HTML of a mail, in order. */
function tagsOf(body: string): string[] {
  const html = body.split("Content-Type: text/html")[1]?.replaceAll("=\n", "") ?? "";
  return [...html.matchAll(/<([a-z!]+)/gi)].map(([, tag = ""]) => tag);
}

const namesOf = (headers: readonly string[]) => headers.map((header) => header.split(":")[0]?.toLowerCase()).toSorted();

describe("a mail", () => {
  it("a mail goes to all addresses of a rule, with the picture", async () => {
    const { server, to } = await open();
    expect(await send(to)).toMatchObject({ failure: null, isRefused: false });
    const [mail] = server.mails;
    expect(mail).toMatchObject({ from: server.user, to: ["guard@example.com", "desk@example.com"] });
    const { headers, body } = parts(mail?.data ?? "");
    expect(headers).toContainEqual(expect.stringMatching(/^Subject: =\?UTF-8\?[BQ]\?/i));
    expect(headers).toContain("Auto-Submitted: auto-generated");
    expect(headers).toContain("X-Gatepost-Rule: vip-arrives");
    expect(body).toContain("Content-ID: <picture@gatepost>");
    expect(body.replaceAll("\n", "")).toContain(picture.bytes.toString("base64"));
    expect(body.replaceAll("=\n", "").replaceAll("=3D", "=")).toContain(`<a href="${links.event}">Open the event</a>`);
  });

  it.each(hostileNames.map((name) => [name.slice(0, 30), name]))(
    "a mail about %j has no forged header or markup",
    async (_, name) => {
      const { server, to } = await open();
      expect((await send(to)).failure).toBeNull();
      expect((await send(to, message(to, subject({ name })))).failure).toBeNull();
      const [plain, hostile] = server.mails.map(({ data }) => parts(data));
      expect(namesOf(hostile?.headers ?? [])).toEqual(namesOf(plain?.headers ?? []));
      expect(server.mails[1]?.to).toEqual(["guard@example.com", "desk@example.com"]);
      expect(tagsOf(hostile?.body ?? "")).toEqual(tagsOf(plain?.body ?? ""));
      expect(tagsOf(plain?.body ?? "")).toContain("img");
    },
  );

  it.each([
    ["RCPT", "550 5.1.1 no such user", /^e-mail 550: the server refused an address/, true],
    ["MAIL", "451 4.3.0 try later", /^e-mail 451: the server had an internal error/, false],
    ["DATA", "554 5.7.1 spam", /^e-mail 554: the server takes the mail for spam/, true],
    ["AUTH", "535 5.7.8 authentication failed", /^e-mail 535: the user or the password is wrong/, false],
  ])("a refusal at %s is explained", async (command, answer, words, isRefused) => {
    const { server, to } = await open();
    server.troubles.set(command, answer);
    expect(await send(to)).toMatchObject({ failure: expect.stringMatching(words), isRefused });
    expect(server.mails).toEqual([]);
  });

  it("a mail that some addresses accept is delivered, with a warning", async () => {
    const { server, to } = await open();
    server.unknown.add("desk@example.com");
    const warning = "refused: 1 of 2 addresses";
    expect(await send(to)).toMatchObject({ failure: null, isRefused: false, warning });
    expect(server.mails.map((mail) => mail.to)).toEqual([["guard@example.com"]]);
  });

  it("no listener is left at the signal that ends the process", async () => {
    const { to } = await open();
    await send(to);
    await send({ ...to, secret: "wrong" });
    expect(getEventListeners(sending.signal, "abort")).toEqual([]);
  });

  it("a mail to a dripping server ends in time, or with the process", async () => {
    const dripping = createServer((socket) => {
      const drip = setInterval(() => socket.write("2"), 10);
      socket.on("error", () => {}).on("close", () => clearInterval(drip));
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void dripping.close());
    await once(dripping, "listening");
    const url = `smtp://gate%40example.com@127.0.0.1:${(dripping.address() as AddressInfo).port}`;
    const to = { type: "email", url, to: "guard@example.com" };
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    dripping.once("connection", () => vi.advanceTimersByTime(sending.timeoutMs));
    expect((await send(to)).failure).toContain("not taken within 600000 ms");
    const ending = new AbortController();
    dripping.once("connection", () => ending.abort());
    const ended = await send(to, message(to), { ...sending, signal: ending.signal });
    expect(ended.failure).toContain("ended");
  });

  it("a mail with files goes to its own addresses, and its text has no markup", async () => {
    const { server, to } = await open();
    const files = [{ name: "hours.csv", contentType: "text/csv", bytes: Buffer.from('"a","b"') }];
    const mail = { to: ["chen@example.com"], subject: "Hours\r\nBcc: x@example.com", lines: ["<b>HQ</b>"], files };
    const sent = await sendFiles(mail, target(to), { ...sending, allowPrivateTargets: true });
    expect(sent).toMatchObject({ failure: null });
    const { headers, body } = parts(server.mails[0]?.data ?? "");
    expect(server.mails[0]?.to).toEqual(["chen@example.com"]);
    expect(namesOf(headers)).not.toContain("bcc");
    expect(tagsOf(body)).not.toContain("b");
    expect(body).toContain(Buffer.from('"a","b"').toString("base64"));
  });

  it("a wrong password is refused", async () => {
    const { server, to } = await open({ secret: "wrong" });
    expect((await send(to)).failure).toMatch(/^e-mail 535/);
    expect(server.mails).toEqual([]);
  });

  it("a missing server is named, with the advice to check the URL", async () => {
    const { to } = await open();
    expect((await send({ ...to, url: "smtp://gate%40example.com@127.0.0.1:1" })).failure).toMatch(
      /^e-mail ECONNREFUSED: nothing listens at this address and port: look at the URL \("connect ECONNREFUSED/,
    );
    expect(smtpFault(new Error("not taken")).failure).toBe('e-mail: it was not taken ("not taken")');
  });

  it("is sent from the URL's address, and a refusal of that names it", async () => {
    const { server, to } = await open();
    const url = `${server.url}?from=other@example.com`;
    expect((await send({ ...to, url })).failure).toMatch(/^e-mail 553: the server does not let this user send from/);
  });

  it("no password is sent unencrypted over a public network", async () => {
    const { to } = await open();
    const sent = await send({ ...to, url: to.url.replace("127.0.0.1", "localhost"), allowPrivate: false }).catch(
      String,
    );
    expect(JSON.stringify(sent)).toContain("is no public address");
  });
});
