import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { companyIn } from "../../../packages/cli/src/company/oidc.ts";

const oidcIssuer = "https://login.example.com/realms/main";
const variable = { GATEPOST_OIDC_CLIENT_SECRET: "of the variable" };

describe("the options of the company's provider", () => {
  it("are none without any of them", () => {
    expect(companyIn({}, variable)).toBeNull();
  });

  it("take the secret from a file, without its last line break, or from a variable", () => {
    const folder = mkdtempSync(join(tmpdir(), "gatepost-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "secret");
    writeFileSync(file, "of the file\n");
    const options = { oidcIssuer, oidcClientId: "gatepost" };
    const company = { issuer: oidcIssuer, clientId: "gatepost" };
    expect(companyIn({ ...options, oidcClientSecretFile: file }, variable)).toEqual({
      ...company,
      clientSecret: "of the file",
    });
    expect(companyIn(options, variable)).toEqual({ ...company, clientSecret: "of the variable" });
    writeFileSync(file, "\n");
    expect(() => companyIn({ ...options, oidcClientSecretFile: file }, {})).toThrow(
      "the secret of the provider is empty",
    );
  });

  it.each([
    [{ oidcIssuer }, "together"],
    [{ oidcClientId: "gatepost" }, "together"],
    [{ oidcClientSecretFile: "secret" }, "together"],
    [{ oidcIssuer, oidcClientId: "gatepost" }, "together"],
    [{ oidcIssuer, oidcClientId: "gatepost", oidcClientSecretFile: "/no/such/file" }, "cannot be read"],
    ...["login.example.com", "http://login.example.com", "ftp://localhost", "http://localhost.evil.example"].map(
      (issuer) =>
        [{ oidcIssuer: issuer, oidcClientId: "a", oidcClientSecretFile: "b" }, "must be an https address"] as const,
    ),
  ] as const)("%j are refused with a sentence", (options, sentence) => {
    expect(() => companyIn(options, {})).toThrow(sentence);
  });
});
