/** Older ones can damage a log that two connections use: one checkpoints it while the other begins it anew. */
const needed = [3, 51, 3];

/** Throws if the SQLite of this Node can damage a database. Call it before a database is opened. */
export function requireSafeSqlite({ sqlite = "0", node }: { sqlite?: string; node: string } = process.versions): void {
  if (!isOlder(sqlite.split(".").map(Number))) return;
  throw new Error(
    `Node ${node} has SQLite ${sqlite}, which can damage a database, and ${needed.join(".")} is needed: run \`npm install\` ` +
      "again for the Node that Gatepost brings, or use a newer Node",
  );
}

function isOlder(version: readonly number[]): boolean {
  const differing = needed.findIndex((part, at) => part !== (version[at] ?? 0));
  return differing >= 0 && (version[differing] ?? 0) < (needed[differing] ?? 0);
}
