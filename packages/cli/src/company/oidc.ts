import { readFileSync } from "node:fs";
import type { RuntimeOptions } from "@gatepost/embedded";
import { sayWhy, WrongUsage } from "../failure.ts";
/** The options of the company's provider: all three or none. */
export interface OidcOptions {
  oidcIssuer?: string;
  oidcClientId?: string;
  oidcClientSecretFile?: string;
}

/** The company's provider in the options; null if there is none. Throws WrongUsage if something of it is missing. */
export function companyIn(
  { oidcIssuer: issuer, oidcClientId: clientId, oidcClientSecretFile: file }: OidcOptions,
  env: NodeJS.ProcessEnv = process.env,
): NonNullable<RuntimeOptions["company"]> | null {
  const secret = env["GATEPOST_OIDC_CLIENT_SECRET"];
  if (issuer === undefined && clientId === undefined && file === undefined) return null;
  if (issuer === undefined || clientId === undefined || (file === undefined && secret === undefined)) {
    throw new WrongUsage(
      "give --oidc-issuer, --oidc-client-id and --oidc-client-secret-file together, or none of them",
    );
  }
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  const isHere = url !== null && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url?.protocol !== "https:" && !(url?.protocol === "http:" && isHere)) {
    throw new WrongUsage("--oidc-issuer must be an https address, as https://login.example.com/realms/main");
  }
  const clientSecret = file === undefined ? (secret ?? "") : secretIn(file);
  if (clientSecret === "") throw new WrongUsage("the secret of the provider is empty");
  return { issuer, clientId, clientSecret };
}

function secretIn(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new WrongUsage(`the file of --oidc-client-secret-file cannot be read: ${sayWhy(error)}`);
  }
}
