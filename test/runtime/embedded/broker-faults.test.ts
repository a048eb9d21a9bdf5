import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { trySource } from "@gatepost/embedded";
import { describe, expect, it, onTestFinished } from "vitest";
import { failureOf } from "../../../packages/embedded/src/sources/broker-failure.ts";
import { fileOf, pemOf } from "../../support/certificates.ts";
import { temporaryFolder } from "./temporary.ts";

/** The port of a server that does something else than a broker. */
async function listens(talk: (socket: Socket) => void, { isTls = false, host = "127.0.0.1" } = {}): Promise<number> {
  const pair = { cert: pemOf("first.crt"), key: pemOf("first.key") };
  const taken = (socket: Socket) => talk(socket.on("error", () => {}));
  const server = isTls ? createTlsServer(pair, taken).on("tlsClientError", () => {}) : createServer(taken);
  server.listen(0, host);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** What is wrong with a source whose broker is at a URL. */
async function faultOf(mqtt: string, more: { ca?: string; passwordFile?: string } = {}): Promise<string | null> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  await writeFile(join(folder.path, "second.pem"), pemOf("second.crt"));
  return trySource({ name: "door", mqtt, topics: ["doors/#"], box: "gate-3", ...more }, folder.path);
}

const talks = {
  "an HTTP server": (socket: Socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
  "a server that closes": (socket: Socket) => socket.once("data", () => socket.end()),
  "a server that breaks off": (socket: Socket) => socket.once("data", () => socket.resetAndDestroy()),
};

describe.each(Object.entries(talks))("%s", (_, talk) => {
  it("is no broker, with the port to correct", async () => {
    const port = await listens(talk);
    const place = `127.0.0.1:${port}`;
    expect(await faultOf(`mqtt://127.0.0.1:${port}`)).toBe(
      `${place} is no broker of MQTT without TLS: correct the port in mqtt, or write mqtts:// if it has TLS`,
    );
    expect(await faultOf(`mqtts://127.0.0.1:${port}`)).toBe(
      `${place} is no broker of MQTT with TLS: correct the port in mqtt, or write mqtt:// if it has no TLS`,
    );
  });
});

describe("a port with TLS", () => {
  it("is named if it is asked without TLS", async () => {
    const port = await listens(() => {}, { isTls: true });
    expect(await faultOf(`mqtt://127.0.0.1:${port}`)).toContain("is no broker of MQTT without TLS");
  });

  it("has a certificate of an unknown authority, or of another one than ca", async () => {
    const port = await listens(() => {}, { isTls: true });
    const unknown = /self-signed certificate: /;
    expect(await faultOf(`mqtts://127.0.0.1:${port}`)).toMatch(
      new RegExp(`${unknown.source}give the certificate of its authority as ca$`),
    );
    expect(await faultOf(`mqtts://127.0.0.1:${port}`, { ca: "second.pem" })).toMatch(
      new RegExp(`${unknown.source}ca is of another authority, so give the certificate of the server's own$`),
    );
  });

  it("has a certificate of other names, which are listed", async () => {
    const port = await listens(() => {}, { isTls: true, host: "127.0.0.2" });
    expect(await faultOf(`mqtts://127.0.0.2:${port}`, { ca: fileOf("first.crt") })).toBe(
      "the broker's certificate is of DNS:gate.example.com, DNS:localhost, IP Address:127.0.0.1, and not of 127.0.0.2: write a name of it in mqtt",
    );
  });
});

it.each(["ca", "passwordFile"])("a file of %s that is missing is named with its place", async (member) => {
  expect(await faultOf("mqtt://127.0.0.1:1", { [member]: "none.pem" })).toMatch(
    new RegExp(`^${member} cannot be read \\(ENOENT\\): put the file at /.+/none\\.pem$`),
  );
});

it.each([
  ["ENOTFOUND", "the host broker.example is not known: correct mqtt"],
  ["ECONNREFUSED", "no broker listens at broker.example:8883: correct mqtt, or start the broker"],
  ["EHOSTUNREACH", "broker.example:8883 does not answer: correct mqtt, or let this machine reach it"],
  ["CERT_HAS_EXPIRED", "the broker's certificate has expired: renew it there"],
  ["CERT_NOT_YET_VALID", "the broker's certificate is not valid yet: correct the clock here or there"],
  [134, "the user or the password is wrong: correct username and passwordFile"],
  [5, "the broker does not let this user in: correct username and passwordFile"],
  [132, "the broker speaks neither MQTT 5 nor 3.1.1: use one that does"],
])("a failure by %s says what to do", (code, said) => {
  const url = new URL("mqtts://broker.example");
  const cause = Object.assign(new Error("x"), { code });
  expect(failureOf(cause, { url, isIn: false, ca: null }).message).toBe(said);
});

it("a broker that never answers is told from one that closes a connection in use", () => {
  const ended = { url: new URL("mqtt://broker.example"), ca: null };
  expect(failureOf(new Error("connack timeout"), { ...ended, isIn: false }).message).toBe(
    "broker.example:1883 takes the connection and gives no answer of MQTT: correct the port in mqtt",
  );
  expect(failureOf(null, { ...ended, isIn: true }).message).toBe("the broker closed the connection; it is tried again");
});
