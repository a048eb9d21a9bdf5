import { chmodSync, copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

type Name = "first" | "second" | "weak";
/** The path of a certificate or key of the fixtures. */
export const fileOf = (file: string): string => fileURLToPath(new URL(`../fixtures/tls/${file}`, import.meta.url));

export const pemOf = (file: string): string => readFileSync(fileOf(file), "utf8");

/** A folder in which a test has certificates as an operator has, the keys for their owner alone. */
export class CertificateFolder {
  readonly path = mkdtempSync(join(tmpdir(), "gatepost-tls-"));
  readonly cert = join(this.path, "cert.pem");
  readonly key = join(this.path, "key.pem");

  constructor(name: Name = "first") {
    onTestFinished(() => rmSync(this.path, { recursive: true, force: true }));
    this.renew(name);
  }

  /** Puts another pair into the place of the one that is there, one file after the other, as those who renew do. */
  renew(name: Name): void {
    this.put(`${name}.crt`, this.cert);
    this.put(`${name}.key`, this.key);
  }

  put(file: string, path: string): void {
    copyFileSync(fileOf(file), `${path}.new`);
    chmodSync(`${path}.new`, 0o600);
    renameSync(`${path}.new`, path);
  }
}
