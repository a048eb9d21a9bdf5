import type { Api } from "@gatepost/client";
import { near } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { Table } from "../parts/table.tsx";
import { now } from "../state/clock.ts";
import { attempt } from "../state/failure.ts";
import { type Loading, useLoading } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";

type Listed = Api["GET /v1/sessions"]["answer"];
type Session = Listed["sessions"][number];

export const useSessions = (account: string) =>
  useLoading(`sessions ${account}`, (signal) => gatepost().ask("GET /v1/sessions", { query: { account }, signal }));

/** The sessions of an account, each of which can be ended. Their own user keeps the one in use. */
export function Sessions({ account, of: loading }: { account: string; of: Loading<Listed> }) {
  return (
    <Loaded of={loading} as="rows">
      {({ sessions }) => <Rows sessions={sessions} account={account} of={loading} />}
    </Loaded>
  );
}

interface RowsProps {
  sessions: readonly Session[];
  account: string;
  of: Loading<Listed>;
}

function Rows({ sessions, account, of }: RowsProps) {
  const w = settingsWords.value;
  const isOwn = sessions.some(({ isThis }) => isThis);
  const endAll = () =>
    attempt(async () => {
      await gatepost().send("DELETE /v1/sessions", { query: { account } });
      say(w.sessionsEnded);
      of.reload();
    });
  if (sessions.length === 0) return <p class="body quiet">{w.noSession}</p>;
  return (
    <>
      <Table label={w.sessions} heads={[w.browserOf, w.since, w.lastSeen, w.ends]} hidden={w.end}>
        {sessions.map((session) => (
          <Row key={session.id} of={session} onEnded={of.reload} />
        ))}
      </Table>
      {isOwn || sessions.length < 2 ? null : (
        <p class="more">
          <Button look="small risk" onClick={() => void endAll()}>
            {w.endAll}
          </Button>
        </p>
      )}
    </>
  );
}

function Row({ of: session, onEnded }: { of: Session; onEnded(): void }) {
  const w = settingsWords.value;
  const { id, agent, startedAt, usedAt, expiresAt, isThis } = session;
  const browser = browserOf(agent);
  const end = () =>
    attempt(async () => {
      await gatepost().send("DELETE /v1/sessions/{id}", { path: { id } });
      onEnded();
    });
  return (
    <tr>
      <td class="who">
        <b title={agent ?? undefined}>{browser === null ? w.unknownBrowser : <bdi>{browser}</bdi>}</b>
        <span class="phone meta">{near(usedAt, now.value)}</span>
      </td>
      <td class="opt quiet">{near(startedAt, now.value)}</td>
      <td class="opt quiet">{isThis ? words.value.time.now : near(usedAt, now.value)}</td>
      <td class="opt quiet">{near(expiresAt, now.value)}</td>
      <td class="num">
        {isThis ? (
          <span class="meta">{w.thisSession}</span>
        ) : (
          <Button look="small" onClick={() => void end()}>
            {w.end}
          </Button>
        )}
      </td>
    </tr>
  );
}

/** Browsers by the word that only they have in their text, the special ones before the general ones. */
const browsers = [
  [/MicroMessenger/, "WeChat"],
  [/EdgA?\//, "Edge"],
  [/Firefox\//, "Firefox"],
  [/(?:Headless)?Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
] as const;

const systems = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux|X11/, "Linux"],
] as const;

/**
 * The browser and the system of a `User-Agent`, in two words; null if neither is known.
 *
 * @example browserOf("Mozilla/5.0 (Windows NT 10.0; Win64; x64) … Chrome/140.0 Safari/537.36") // "Chrome, Windows"
 */
export function browserOf(agent: string | null): string | null {
  const named = (table: typeof browsers | typeof systems) => table.find(([word]) => word.test(agent ?? ""))?.[1];
  return [named(browsers), named(systems)].filter((part) => part !== undefined).join(", ") || null;
}
