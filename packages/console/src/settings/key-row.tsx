import { ago, isoDay, shortTime } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { State } from "../parts/state.tsx";
import { attempt } from "../state/attempt.ts";
import { now, serverTime } from "../state/clock.ts";
import { say } from "../state/notice.ts";
import { useOnce } from "../state/once.ts";
import { gatepost, me } from "../state/session.ts";
import { words } from "../words/index.ts";
import { hasExpired, type Key, likeKey } from "./key-wish.ts";
import type { MadeKey } from "./new-key.tsx";

interface KeyRowProps {
  of: Key;
  onMade(key: MadeKey): void;
  onRevoked(): void;
}

export function KeyRow({ of: key, onMade, onRevoked }: KeyRowProps) {
  const { settings: w } = words.value;
  const isOwn = key.id === me.value?.key.id;
  const replace = useOnce(() => makeLike(key, onMade));
  const used = isOwn ? w.thisBrowser : key.lastUsedAt === null ? w.never : ago(key.lastUsedAt, now.value);
  return (
    <tr>
      <td class="who">
        <b class="mono">{key.id}</b>
        <bdi class="phone meta">{purposeOf(key)}</bdi>
        {key.note === undefined ? null : (
          <div class="phone meta">
            <bdi>{key.note}</bdi>
          </div>
        )}
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

/** What a key may do, of which boxes, and until when. */
export function purposeOf({ scope, box, boxes, site, expiresAt }: Key): string {
  const { scopes, onlyBoxes, onlySite, until } = words.value.settings;
  return [
    scope === "ingest" ? scopes.ingest(box ?? "") : scopes[scope],
    boxes === undefined ? null : onlyBoxes(boxes.join(", ")),
    site === undefined ? null : onlySite(site),
    expiresAt === undefined ? null : until(`${isoDay(expiresAt)} ${shortTime(expiresAt)}`),
  ]
    .filter((part) => part !== null)
    .join(" · ");
}

async function makeLike(key: Key, onMade: (key: MadeKey) => void): Promise<void> {
  const { settings: w } = words.value;
  const made = serverTime();
  await attempt(async () => {
    onMade(await gatepost().createKey(likeKey(key, made)));
    say(hasExpired(key, made) ? w.replacedExpired : w.replaced);
  });
}

function Revoke({ id, onRevoked }: { id: string; onRevoked(): void }) {
  const { settings: w } = words.value;
  const revoke = () => attempt(() => gatepost().revokeKey(id).then(onRevoked));
  return <Confirm label={w.revoke} look="small risk" title={w.revokeTitle(id)} why={w.revokeWhy} onConfirm={revoke} />;
}
