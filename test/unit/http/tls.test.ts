import type { RequestListener } from "node:http";
import { type RequestOptions, request } from "node:https";
import { connect as connectPlainly, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { connect, type TLSSocket } from "node:tls";
import { Certificate, Connections } from "@gatepost/http";
import { describe, expect, it, onTestFinished } from "vitest";
import { CertificateFolder, pemOf } from "../../support/certificates.ts";
import { dial, headOf } from "../../support/dial.ts";
import { keptLog, listening } from "./support.ts";

const ca = [pemOf("first.crt"), pemOf("second.crt")];

async function secured(answer: RequestListener, options: Parameters<typeof listening>[1] = {}) {
  const folder = new CertificateFolder();
  const certificate = new Certificate(folder, { log: keptLog().log, lookEveryMs: 3_600_000 });
  onTestFinished(() => certificate.close());
  return { folder, certificate, ...(await listening(answer, { certificate, ...options })) };
}

const hello: RequestListener = (_, response) => void response.end("hello");

/** Asks over a new connection. Returns the status, and the certificate that was shown. */
function ask(port: number, options: RequestOptions = {}): Promise<{ status: number | undefined; common: unknown }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, ca, agent: false, ...options }, (answer) => {
      const common = (answer.socket as TLSSocket).getPeerCertificate().subject.CN;
      answer.resume().on("end", () => resolve({ status: answer.statusCode, common }));
    });
    asked.on("error", reject).end();
  });
}

/** A connection that has not spoken yet. */
async function silent(port: number) {
  const socket = connectPlainly(port, "127.0.0.1");
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

it("speaks TLS 1.2 and 1.3, and nothing older", async () => {
  const { port } = await secured(hello);
  expect(await ask(port)).toEqual({ status: 200, common: "first.example.com" });
  expect((await ask(port, { maxVersion: "TLSv1.2" })).status).toBe(200);
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
  await expect(ask(port, old)).rejects.toThrow(/protocol version/);
});

it("answers a client that ends its side right after its request", async () => {
  const { port } = await secured((request, response) => {
    request.resume().once("end", () => setTimeout(() => response.end("stored"), 100));
  });
  const socket = connect({ socket: connectPlainly({ port, host: "127.0.0.1", allowHalfOpen: true }), ca });
  socket.end(`${headOf("POST", "/", "Content-Length: 2")}{}`);
  expect(await text(socket)).toMatch(/^HTTP\/1.1 200 [\s\S]+stored/);
});

it("shows a renewed certificate to new connections, and leaves those that are there alone", async () => {
  const { port, folder, certificate } = await secured(hello);
  const before = connect({ port, host: "127.0.0.1", ca });
  await new Promise((resolve) => before.once("secureConnect", resolve));
  folder.renew("second");
  certificate.look();
  expect((await ask(port)).common).toBe("second.example.com");
  let answered = "";
  before.on("data", (data) => {
    answered += data;
  });
  before.write(headOf("GET", "/"));
  await expect.poll(() => answered).toMatch(/^HTTP\/1.1 200 [\s\S]*hello$/);
  before.destroy();
});

it("reports a client that speaks no TLS, and disconnects it", async () => {
  const refused: string[][] = [];
  const { port } = await secured(hello, { onRefused: (...one) => void refused.push(one) });
  const { closed } = await dial(port, headOf("GET", "/"));
  await closed;
  expect(refused).toEqual([["no-tls", "127.0.0.1"]]);
  expect((await ask(port)).status).toBe(200);
});

it("reports a client whose handshake fails", async () => {
  const refused: string[][] = [];
  const { port } = await secured(hello, { onRefused: (...one) => void refused.push(one) });
  await expect(ask(port, { ca: [] })).rejects.toThrow(/certificate/);
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
  await expect(ask(port, old)).rejects.toThrow();
  await expect.poll(() => refused).toContainEqual(["tls-failed", "127.0.0.1"]);
});

describe("Connections are bounded from their first byte on:", () => {
  function bounded(limits: ConstructorParameters<typeof Connections>[0]) {
    const connections = new Connections(limits);
    const answer: RequestListener = (incoming, response) => {
      if (incoming.url === "/key") connections.showedKey(incoming.socket);
      response.end("hello");
    };
    return secured(answer, { connections });
  }

  it("unfinished handshakes make room for new connections", async () => {
    const { port } = await bounded({ withoutKey: 5 });
    const hung: Socket[] = [];
    for (let n = 0; n < 20; n++) hung.push(await silent(port));
    expect((await ask(port)).status).toBe(200);
    await expect.poll(() => hung.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(5);
  });

  it("a connection that has shown a key is kept", async () => {
    const { port } = await bounded({ withoutKey: 3 });
    const box = connect({ port, host: "127.0.0.1", ca });
    let answers = 0;
    box.on("data", (data) => {
      answers += String(data).split("HTTP/1.1 200").length - 1;
    });
    box.write(headOf("GET", "/key"));
    await expect.poll(() => answers).toBe(1);
    const hung: Socket[] = [];
    for (let n = 0; n < 12; n++) hung.push(await silent(port));
    await expect.poll(() => hung.filter(({ destroyed }) => destroyed).length).toBeGreaterThanOrEqual(9);
    box.write(headOf("GET", "/key"));
    await expect.poll(() => answers).toBe(2);
    box.destroy();
  });
});

it("closes despite an unfinished handshake, and lets requests in flight finish", async () => {
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
  const { promise: end, resolve: goOn } = Promise.withResolvers<void>();
  const { port, close } = await secured(
    async (_, response) => {
      isAsked();
      await end;
      response.end("late");
    },
    { closeTimeout: 3_600_000 },
  );
  const hung = await silent(port);
  const answer = ask(port);
  await asked;
  const closing = close();
  await expect.poll(() => hung.destroyed).toBe(true);
  goOn();
  expect((await answer).status).toBe(200);
  await closing;
});
