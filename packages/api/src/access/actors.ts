import type { AuditActor, AuditRecord, ShownAuditRecord } from "@gatepost/core/audit";
import type { ApiPorts } from "../ports.ts";

type Ports = Pick<ApiPorts, "accounts" | "keyAdmin">;

/** Names who is behind ids of accounts and keys: one read for all of a page. */
export async function actorsOf(
  ids: readonly string[],
  { accounts, keyAdmin }: Ports,
): Promise<(id: string) => AuditActor> {
  const [names, notes] = await Promise.all([accounts.names(ids), keyAdmin.notes(ids)]);
  return (id) =>
    id.startsWith("acc_") ? { account: id, name: names.get(id) ?? null } : { key: id, note: notes.get(id) ?? null };
}

/** Entries of the audit log as readers get them. */
export async function withActors(records: readonly AuditRecord[], deps: Ports): Promise<ShownAuditRecord[]> {
  const actorOf = await actorsOf(
    records.map(({ by }) => by),
    deps,
  );
  return records.map((record) => ({ ...record, by: actorOf(record.by) }));
}
