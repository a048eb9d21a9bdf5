import type { Operations } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { ago, isoDay } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { Failed } from "../parts/failed.tsx";
import { State } from "../parts/state.tsx";
import { Table } from "../parts/table.tsx";
import { attempt } from "../state/attempt.ts";
import { now } from "../state/clock.ts";
import { useLoading } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { gatepost, me } from "../state/session.ts";
import { words } from "../words/index.ts";
import { type MadeKey, NewKey } from "./new-key.tsx";
import { ShownToken } from "./shown-token.tsx";

type Key = Operations["GET /v1/keys"]["answer"]["keys"][number];
type KeyWish = Operations["POST /v1/keys"]["body"];

/** The keys: a token is shown once; replacing one keeps the old one until the new is in use. */
export function Keys() {
  const { settings: w } = words.value;
  const { state, reload } = useLoading("keys", (signal) => gatepost().ask("GET /v1/keys", { signal }));
  const isMaking = useSignal(false);
  const made = useSignal<MadeKey | null>(null);
  const areRevokedShown = useSignal(false);
  const { value, failure, retryAt } = state.value;
  const all = value?.keys ?? [];
  const live = all.filter(({ revokedAt }) => revokedAt === null);
  const show = (key: MadeKey) => {
    made.value = key;
    isMaking.value = false;
    reload();
  };
  return (
    <section class="panel" id="keys" aria-labelledby="keys-title">
      <header>
        <h2 id="keys-title">{w.keys}</h2>
        <span class="end">
          <Button icon="plus" look="small" onClick={() => (isMaking.value = true)}>
            {w.newKey}
          </Button>
        </span>
      </header>
      {value === null && failure !== null ? <Failed failure={failure} retryAt={retryAt} onRetry={reload} /> : null}
      {made.value === null ? null : <ShownToken made={made.value} onClose={() => (made.value = null)} />}
      {value === null && failure === null ? <p class="body quiet">{w.loading}</p> : null}
      {value === null ? null : <KeyTable keys={areRevokedShown.value ? all : live} onMade={show} onRevoked={reload} />}
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
  const { settings: w } = words.value;
  return (
    <Table label={w.keys} heads={[w.key, w.for, w.lastUsed, w.made]} hidden={w.do}>
      {keys.map((key) => (
        <Row key={key.id} of={key} onMade={onMade} onRevoked={onRevoked} />
      ))}
    </Table>
  );
}

const purposeOf = ({ scope, box }: Key): string => {
  const { scopes } = words.value.settings;
  return scope === "ingest" ? scopes.ingest(box ?? "") : scopes[scope];
};

/** What a key that replaces another is made with: it may do the same and no more. */
function likeKey({ scope, box, boxes, site, note, rate, dailyBytes, expiresAt }: Key): KeyWish {
  return {
    scope,
    ...(box === null ? {} : { box }),
    ...(boxes === undefined ? {} : { boxes }),
    ...(site === undefined ? {} : { site }),
    ...(note === undefined ? {} : { note }),
    ...(rate === undefined ? {} : { rate }),
    ...(dailyBytes === undefined ? {} : { dailyBytes }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function Row({ of: key, onMade, onRevoked }: { of: Key; onMade(key: MadeKey): void; onRevoked(): void }) {
  const { settings: w } = words.value;
  const isOwn = key.id === me.value?.key.id;
  const used = isOwn ? w.thisBrowser : key.lastUsedAt === null ? w.never : ago(key.lastUsedAt, now.value);
  const replace = () =>
    attempt(async () => {
      onMade(await gatepost().createKey(likeKey(key)));
      say(w.replaced);
    });
  return (
    <tr>
      <td class="who">
        <b class="mono">{key.id}</b>
        <bdi class="phone meta">{purposeOf(key)}</bdi>
      </td>
      <td class="opt">
        <bdi>{purposeOf(key)}</bdi>
        {key.note === undefined ? null : <bdi class="meta"> {key.note}</bdi>}
      </td>
      <td class="opt">{used}</td>
      <td class="opt quiet">{isoDay(key.createdAt)}</td>
      <td class="num">
        {key.revokedAt !== null ? (
          <State tone="">{w.revoked}</State>
        ) : isOwn ? null : (
          <span class="line">
            <Button look="small" onClick={() => void replace()}>
              {w.replace}
            </Button>
            <Revoke id={key.id} onRevoked={onRevoked} />
          </span>
        )}
      </td>
    </tr>
  );
}

function Revoke({ id, onRevoked }: { id: string; onRevoked(): void }) {
  const { settings: w } = words.value;
  const revoke = () => attempt(() => gatepost().revokeKey(id).then(onRevoked));
  return <Confirm label={w.revoke} look="small risk" title={w.revokeTitle(id)} why={w.revokeWhy} onConfirm={revoke} />;
}
