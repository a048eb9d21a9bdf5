import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Certificate, type CertificatePaths } from "@gatepost/http";
import { describe, expect, it, onTestFinished } from "vitest";
import { CertificateFolder, pemOf } from "../../support/certificates.ts";
import { keptLog } from "./support.ts";

function open(paths: CertificatePaths, clock = () => Date.UTC(2026, 10, 21)) {
  const { lines, log } = keptLog();
  const certificate = new Certificate({ cert: paths.cert, key: paths.key }, { log, clock, lookEveryMs: 3_600_000 });
  onTestFinished(() => certificate.close());
  return { certificate, lines };
}

const messages = (lines: ReturnType<typeof open>["lines"]) => lines.map(({ level, message }) => `${level}: ${message}`);

function replace(path: string, put: (path: string) => void): void {
  rmSync(path);
  put(path);
}

describe("A certificate is refused, with what to do, if", () => {
  it.each<[string, (folder: CertificateFolder) => void, RegExp]>([
    ["the file is missing", ({ cert }) => rmSync(cert), /the certificate .*cert\.pem is not there; give the path/],
    ["the key is missing", ({ key }) => rmSync(key), /the key of the certificate .*key\.pem is not there/],
    ["a folder is in its place", ({ cert }) => replace(cert, mkdirSync), /is no file; give the path/],
    [
      "it is empty",
      ({ cert }) => truncateSync(cert),
      /has no certificate in PEM; give the certificate with --tls-cert/,
    ],
    ["it is of binary", ({ cert }) => writeFileSync(cert, Buffer.alloc(2000, 0x30)), /has no certificate in PEM/],
    [
      "it is the key",
      (folder) => folder.put("first.key", folder.cert),
      /has a key; give the certificate with --tls-cert/,
    ],
    ["the key is a certificate", (folder) => folder.put("first.crt", folder.key), /has no private key in PEM/],
    ["it is cut short", ({ cert }) => truncateSync(cert, 300), /has no certificate in PEM/],
    [
      "a byte of it is another",
      ({ cert }) => writeFileSync(cert, pemOf("first.crt").replace(/MIIB/, "AAAA")),
      /has a certificate that cannot be read/,
    ],
    ["it is enormous", ({ cert }) => truncateSync(cert, 3 * 1024 * 1024), /has over 1 MB/],
    ["the key is of another", (folder) => folder.put("second.key", folder.key), /is not the key of the certificate in/],
    [
      "the chain is upside down",
      ({ cert }) => writeFileSync(cert, pemOf("second.crt") + pemOf("first.crt")),
      /begins with another certificate than the server's own; put that one first/,
    ],
    ["the key has a passphrase", (folder) => folder.put("locked.key", folder.key), /unlock it with openssl pkey/],
    ["it is too weak", (folder) => folder.renew("weak"), /cannot be used for TLS: .*key too small; make a newer one/],
    ["others may read the key", ({ key }) => chmodSync(key, 0o644), /others may read or change .* chmod 600 or 640/],
    ["the group may write the key", ({ key }) => chmodSync(key, 0o660), /others may read or change/],
    [
      "a link leads to itself",
      ({ key }) => replace(key, () => symlinkSync(key, key)),
      /is a link that leads to itself/,
    ],
  ])("%s", (_, spoil, why) => {
    const folder = new CertificateFolder();
    spoil(folder);
    expect(() => open(folder)).toThrow(why);
    expect(() => open(folder)).toThrow(expect.objectContaining({ message: expect.not.stringContaining("\n") }));
  });

  it("it is a pipe without a writer, and does not block the start", { skip: process.platform === "win32" }, () => {
    const folder = new CertificateFolder();
    rmSync(folder.cert);
    execFileSync("mkfifo", [folder.cert]);
    expect(() => open(folder)).toThrow(/is no file/);
  });
});

it("takes a chain, links, and a key that its group may read", () => {
  const folder = new CertificateFolder();
  appendFileSync(folder.cert, pemOf("second.crt"));
  chmodSync(folder.key, 0o640);
  const links = { cert: join(folder.path, "live.crt"), key: join(folder.path, "live.key") };
  symlinkSync(folder.cert, links.cert);
  symlinkSync(folder.key, links.key);
  const { certificate, lines } = open(links);
  expect(certificate.identity.names).toBe("DNS:gate.example.com, DNS:localhost, IP Address:127.0.0.1");
  expect(messages(lines)).toEqual(["info: certificate"]);
  expect(JSON.stringify(lines)).not.toContain("PRIVATE");
});

describe("Files that change", () => {
  it("are read again, and listeners are called", () => {
    const folder = new CertificateFolder();
    const { certificate, lines } = open(folder);
    const heard: string[] = [];
    const forget = certificate.onChange(({ fingerprint }) => heard.push(fingerprint));
    const before = certificate.identity.fingerprint;
    certificate.look();
    expect(heard).toEqual([]);
    folder.renew("second");
    certificate.look();
    expect(heard).toEqual([certificate.identity.fingerprint]);
    expect(heard).not.toContain(before);
    expect(messages(lines)).toEqual(["info: certificate", "info: certificate read again"]);
    forget();
    folder.renew("first");
    certificate.look();
    expect(heard).toHaveLength(1);
    expect(certificate.identity.fingerprint).toBe(before);
  });

  it("may be written one after the other", () => {
    const folder = new CertificateFolder();
    const { certificate, lines } = open(folder);
    folder.put("second.crt", folder.cert);
    certificate.look();
    folder.put("second.key", folder.key);
    certificate.look();
    expect(certificate.identity.cert).toBe(pemOf("second.crt"));
    expect(messages(lines)).toEqual(["info: certificate", "info: certificate read again"]);
  });

  it.each<[string, (folder: CertificateFolder) => void]>([
    ["removed", ({ cert }) => rmSync(cert)],
    ["cut short", ({ cert }) => truncateSync(cert, 100)],
    ["shown to others", ({ key }) => chmodSync(key, 0o604)],
    ["of another key", (folder) => folder.put("second.key", folder.key)],
  ])("and are %s leave the one before, are logged once, and may be mended", (_, spoil) => {
    const folder = new CertificateFolder();
    const { certificate, lines } = open(folder);
    spoil(folder);
    for (let looks = 0; looks < 5; looks++) certificate.look();
    expect(certificate.identity.cert).toBe(pemOf("first.crt"));
    expect(messages(lines)).toEqual([
      "info: certificate",
      "error: could not use the new certificate, keeping the previous one",
    ]);
    folder.renew("second");
    certificate.look();
    expect(certificate.identity.cert).toBe(pemOf("second.crt"));
  });

  it("count as not read if a server cannot take them", () => {
    const folder = new CertificateFolder();
    const { certificate, lines } = open(folder);
    certificate.onChange(() => {
      throw new Error("no");
    });
    folder.renew("second");
    for (let looks = 0; looks < 3; looks++) certificate.look();
    expect(certificate.identity.cert).toBe(pemOf("first.crt"));
    expect(lines.at(-1)).toMatchObject({ level: "error", facts: { cause: new Error("no") } });
  });
});

it("an ending or expired certificate is logged once a day until it is renewed", () => {
  const { endsAt } = open(new CertificateFolder()).certificate.identity;
  let now = endsAt - 15 * 86_400_000;
  const folder = new CertificateFolder();
  const { certificate, lines } = open(folder, () => now);
  const said = () => messages(lines).filter((line) => line.startsWith("warn"));
  expect(said()).toEqual([]);
  now = endsAt - 13.5 * 86_400_000;
  for (let looks = 0; looks < 3; looks++) certificate.look();
  expect(said()).toHaveLength(1);
  now = endsAt + 1;
  for (let looks = 0; looks < 3; looks++) certificate.look();
  expect(said()).toEqual([
    "warn: the certificate ends soon: renew it; the files are read again automatically",
    "warn: the certificate has ended: renew it; the files are read again automatically",
  ]);
  // The clock was ahead, and is set right.
  now = endsAt - 10 * 86_400_000;
  for (let looks = 0; looks < 3; looks++) certificate.look();
  expect(said()).toHaveLength(3);
});

describe("The concerns of a certificate", () => {
  it.each([
    [15, []],
    [13, [expect.stringMatching(/^the certificate ends at \d{4}-.+Z: renew it$/)]],
    [-1, [expect.stringMatching(/^the certificate ended at \d{4}-.+Z: renew it$/)]],
  ])("%i days before its end are %j", (days, concerns) => {
    const folder = new CertificateFolder();
    const { endsAt } = open(folder).certificate.identity;
    const { certificate } = open(folder, () => endsAt - days * 86_400_000);
    expect(certificate.concerns()).toEqual(concerns);
  });
});
