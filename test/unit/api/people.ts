import type { ApiPorts } from "@gatepost/api";
import type { Role, Sight } from "@gatepost/core/accounts";

const everything: Sight = { sites: null, boxes: null };

/** Makes an account that has accepted its invitation, and returns its id. */
export async function addAccount(
  { deps }: { deps: Pick<ApiPorts, "accounts" | "sessions"> },
  role: Role,
  { name = role, ...sight }: Partial<Sight & { name: string }> = {},
): Promise<string> {
  const email = `${name}-${Math.random()}@example.com`;
  const { token } = await deps.accounts.create({ ...everything, ...sight, email, name, role }, "key_1");
  return (await deps.accounts.accept(token, { name, password: "scrypt$x" })).id;
}

/** The headers of a request of a person in a browser: the cookie of a new session, by http. */
export async function signedIn(
  { deps }: { deps: Pick<ApiPorts, "accounts" | "sessions"> },
  id: string,
  proved: { provedAt?: number } = {},
): Promise<Record<string, string>> {
  const account = await deps.accounts.get(id);
  if (account === null) throw new Error(`there is no account ${id}`);
  const { token } = await deps.sessions.begin({ account, with: "password", ...proved, stays: false, agent: null });
  return { authorization: "", cookie: `gatepost=${token}` };
}
