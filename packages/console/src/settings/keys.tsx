import type { Operations } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { ago, isoDay, shortTime } from "../format/time.ts";
import { Button, CopyLine } from "../parts/button.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { anyContains, Find, manyItems } from "../parts/field.tsx";
import { Failed, Outdated } from "../parts/loaded.tsx";
import { State } from "../parts/mark.tsx";
import { Table } from "../parts/table.tsx";
import { now, serverTime } from "../state/clock.ts";
import { attempt } from "../state/failure.ts";
import { homeForOthers } from "../state/home.ts";
import { useLoading, useOnce } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { gatepost, me } from "../state/session.ts";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";
import { type MadeKey, NewKey } from "./new-key.tsx";

export type Key = Operations["GET /v1/keys"]["answer"]["keys"][number];
type KeyWish = Operations["POST /v1/keys"]["body"];

export const hasExpired = ({ expiresAt }: Pick<Key, "expiresAt">, now: number) =>
  expiresAt !== undefined && Date.parse(expiresAt) <= now;

/** What a key that replaces another is made with: it may do the same and no more. */
export function likeKey(key: Key, now: number): KeyWish {
  const { scope, box, boxes, site, note, people, rate, dailyBytes } = key;
  const expiresAt = nextExpiry(key, now);
  return {
    scope,
    ...(box === null ? {} : { box }),
    ...(boxes === undefined ? {} : { boxes }),
    ...(site === undefined ? {} : { site }),
    ...(note === undefined ? {} : { note }),
    ...(people === undefined ? {} : { people }),
    ...(rate === undefined ? {} : { rate }),
    ...(dailyBytes === undefined ? {} : { dailyBytes }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

/** The same end; after one that has expired, as long from now as that lasted. */
function nextExpiry(key: Pick<Key, "createdAt" | "expiresAt">, now: number): string | undefined {
  const { createdAt, expiresAt } = key;
  if (expiresAt === undefined || !hasExpired(key, now)) return expiresAt;
  return new Date(now + Date.parse(expiresAt) - Date.parse(createdAt)).toISOString();
}

/** A new token, which is shown only now. */
function ShownToken({ made, onClose }: { made: MadeKey; onClose(): void }) {
  const w = settingsWords.value;
  const { close } = words.value;
  return (
    <div class="body gap" role="status">
      <p>
        <b class="mono">{made.id}</b> {w.once}
      </p>
      <CopyLine label={w.token} text={made.token} />
      {made.scope === "ingest" || made.scope === "settle" ? null : (
        <CopyLine label={w.link} text={`${homeForOthers()}#token=${made.token}`} />
      )}
      <span class="line">
        <Button onClick={onClose}>{close}</Button>
      </span>
    </div>
  );
}

interface KeyRowProps {
  of: Key;
  onMade(key: MadeKey): void;
  onRevoked(): void;
}

function KeyRow({ of: key, onMade, onRevoked }: KeyRowProps) {
  const w = settingsWords.value;
  const isOwn = key.id === me.value?.key?.id;
  const replace = useOnce(() => makeLike(key, onMade));
  const used = isOwn ? w.thisBrowser : key.lastUsedAt === null ? w.never : ago(key.lastUsedAt, now.value);
  return (
    <tr>
      <td class="who">
        <b>
          <bdi>{nameOf(key)}</bdi>
        </b>
        <span class="meta mono">{key.id}</span>
        <bdi class="phone meta">{[mayOf(key), seesOf(key)].join(" · ")}</bdi>
      </td>
      <td class="opt">{mayOf(key)}</td>
      <td class="opt">
        <bdi>{seesOf(key)}</bdi>
      </td>
      <td class="opt quiet">{used}</td>
      <td class="opt quiet">{endOf(key)}</td>
      <td class="num">
        {key.revokedAt !== null ? (
          <State tone="">{w.revoked}</State>
        ) : isOwn ? null : (
          <span class="line">
            {hasExpired(key, now.value) ? <State tone="">{w.expired}</State> : null}
            <Button look="small" onClick={({ detail }) => void (detail > 1 || replace())}>
              {w.replace}
            </Button>
            <Revoke id={key.id} onRevoked={onRevoked} />
          </span>
        )}
      </td>
    </tr>
  );
}

/** What people call a key by: its note, else its box, else what it may. */
function nameOf(key: Key): string {
  const w = settingsWords.value;
  return key.note ?? (key.box === null ? mayOf(key) : w.box1(key.box));
}

function mayOf({ scope, people, boxes }: Key): string {
  const { mays } = settingsWords.value;
  if (scope !== "read") return mays[scope];
  return people === true ? mays.people : boxes === undefined ? mays.read : mays.settles;
}

function seesOf({ scope, box, boxes, site }: Key): string {
  const w = settingsWords.value;
  if (scope === "ingest") return box ?? "";
  if (site !== undefined) return site;
  if (boxes === undefined) return w.everything;
  return boxes.length > 3 ? w.boxesCounted(boxes.length) : boxes.join(", ");
}

const endOf = ({ expiresAt }: Key) =>
  expiresAt === undefined ? settingsWords.value.endsNever : `${isoDay(expiresAt)} ${shortTime(expiresAt)}`;

async function makeLike(key: Key, onMade: (key: MadeKey) => void): Promise<void> {
  const w = settingsWords.value;
  const made = serverTime();
  await attempt(async () => {
    onMade(await gatepost().createKey(likeKey(key, made)));
    say(hasExpired(key, made) ? w.replacedExpired : w.replaced);
  });
}

function Revoke({ id, onRevoked }: { id: string; onRevoked(): void }) {
  const w = settingsWords.value;
  const revoke = () => gatepost().revokeKey(id).then(onRevoked);
  return <Confirm label={w.revoke} look="small risk" title={w.revokeTitle(id)} why={w.revokeWhy} onConfirm={revoke} />;
}

/** The keys: a token is shown once; replacing one keeps the old one until the new is in use. */
export function Keys() {
  const w = settingsWords.value;
  const { state, reload } = useLoading("keys", (signal) => gatepost().ask("GET /v1/keys", { signal }));
  const isMaking = useSignal(false);
  const made = useSignal<MadeKey | null>(null);
  const areRevokedShown = useSignal(false);
  const sought = useSignal("");
  const { value, failure, retryAt } = state.value;
  const all = value?.keys ?? [];
  const live = all.filter(({ revokedAt }) => revokedAt === null);
  const listed = areRevokedShown.value ? all : live;
  const shown = listed.filter((key) => anyContains([key.id, nameOf(key), mayOf(key), seesOf(key)], sought.value));
  const show = (key: MadeKey) => {
    made.value = key;
    isMaking.value = false;
    reload();
  };
  return (
    <section class="panel" id="keys" aria-labelledby="keys-title">
      <header>
        <h2 id="keys-title">{w.sections.keys}</h2>
        <span class="meta">{w.keysAbout}</span>
        {all.length <= manyItems ? null : (
          <Find label={w.findKey} value={sought.value} onFind={(text) => (sought.value = text)} />
        )}
        <span class="end">
          <Button icon="plus" look="small" onClick={() => (isMaking.value = true)}>
            {w.newKey}
          </Button>
        </span>
      </header>
      {value === null && failure !== null ? <Failed failure={failure} retryAt={retryAt} onRetry={reload} /> : null}
      {made.value === null ? null : <ShownToken made={made.value} onClose={() => (made.value = null)} />}
      {value === null && failure === null ? <p class="body quiet">{words.value.events.loading}</p> : null}
      <Outdated of={state.value} />
      {value === null ? null : <KeyTable keys={shown} onMade={show} onRevoked={reload} />}
      {all.length === live.length ? null : (
        <p class="more">
          <Button
            look="small bare"
            aria-pressed={areRevokedShown.value}
            onClick={() => (areRevokedShown.value = !areRevokedShown.value)}
          >
            {w.showRevoked(all.length - live.length)}
          </Button>
        </p>
      )}
      {isMaking.value ? <NewKey onMade={show} onClose={() => (isMaking.value = false)} /> : null}
    </section>
  );
}

function KeyTable({
  keys,
  onMade,
  onRevoked,
}: {
  keys: readonly Key[];
  onMade(key: MadeKey): void;
  onRevoked(): void;
}) {
  const w = settingsWords.value;
  return (
    <Table label={w.sections.keys} heads={[w.for, w.may, w.sees, w.lastUsed, w.endsHead]} hidden={w.do}>
      {keys.map((key) => (
        <KeyRow key={key.id} of={key} onMade={onMade} onRevoked={onRevoked} />
      ))}
    </Table>
  );
}
