import type { Command } from "commander";
import { withApi } from "../client.ts";
import { onApi, type Reading } from "../options.ts";
import { print, table } from "../output.ts";
import { addCreateKey } from "./create.ts";
import { allKeys } from "./created.ts";
import { addFirstKeys } from "./first-keys.ts";

/** @param addMoving adds the commands that move keys to another Gatepost */
export function addKeyCommands(program: Command, addMoving: (keys: Command) => void): void {
  const keys = program.command("keys").description("make, list and revoke keys");
  addCreateKey(keys);
  onApi(keys.command("list")).description("list all keys").action(list);
  addFirstKeys(keys);
  addMoving(keys);
  onApi(keys.command("revoke")).argument("<id>").description("make a key useless").action(revoke);
}

type ListedKey = Awaited<ReturnType<typeof allKeys>>["keys"][number];

const columns: [title: string, of: (key: ListedKey) => string | number | null][] = [
  ["ID", ({ id }) => id],
  ["SCOPE", ({ scope }) => scope],
  ["BOX", ({ box, boxes, site }) => box ?? boxes?.join(", ") ?? (site === undefined ? null : `site ${site}`)],
  ["CREATED", ({ createdAt }) => createdAt],
  ["LAST USED", ({ lastUsedAt }) => lastUsedAt],
  ["REVOKED", ({ revokedAt }) => revokedAt],
];

/** Shown if a key has one. */
const rareColumns: typeof columns = [
  ["EXPIRES", ({ expiresAt }) => expiresAt ?? null],
  ["RATE", ({ rate }) => (rate === undefined ? null : `${rate.perSecond}/s, ${rate.burst} at once`)],
  ["BYTES A DAY", ({ dailyBytes }) => dailyBytes ?? null],
  ["SERIALS", ({ serials }) => serials?.join(", ") ?? null],
  ["NOTE", ({ note }) => note ?? null],
];

async function list(options: Reading): Promise<void> {
  const listed = await withApi(options, allKeys);
  const shown = [...columns, ...rareColumns.filter(([, of]) => listed.keys.some((key) => of(key) !== null))];
  const rows = listed.keys.map((key) => shown.map(([, of]) => of(key)));
  const titles = shown.map(([title]) => title);
  print(listed, () => table(titles, rows), options);
}

async function revoke(id: string, options: Reading): Promise<void> {
  await withApi(options, (api) => api.ask("DELETE /v1/keys/{id}", { path: { id } }));
  print({ id, revoked: true }, () => `${id} is revoked.`, options);
}
