import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { Failed } from "../parts/failed.tsx";
import { anyContains, Find, manyItems } from "../parts/find.tsx";
import { Outdated } from "../parts/outdated.tsx";
import { Table } from "../parts/table.tsx";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { KeyRow, purposeOf } from "./key-row.tsx";
import type { Key } from "./key-wish.ts";
import { type MadeKey, NewKey } from "./new-key.tsx";
import { ShownToken } from "./shown-token.tsx";

/** The keys: a token is shown once; replacing one keeps the old one until the new is in use. */
export function Keys() {
  const { settings: w } = words.value;
  const { state, reload } = useLoading("keys", (signal) => gatepost().ask("GET /v1/keys", { signal }));
  const isMaking = useSignal(false);
  const made = useSignal<MadeKey | null>(null);
  const areRevokedShown = useSignal(false);
  const sought = useSignal("");
  const { value, failure, retryAt } = state.value;
  const all = value?.keys ?? [];
  const live = all.filter(({ revokedAt }) => revokedAt === null);
  const listed = areRevokedShown.value ? all : live;
  const shown = listed.filter((key) => anyContains([key.id, purposeOf(key), key.note], sought.value));
  const show = (key: MadeKey) => {
    made.value = key;
    isMaking.value = false;
    reload();
  };
  return (
    <section class="panel" id="keys" aria-labelledby="keys-title">
      <header>
        <h2 id="keys-title">{w.keys}</h2>
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
      {value === null && failure === null ? <p class="body quiet">{w.loading}</p> : null}
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
  const { settings: w } = words.value;
  return (
    <Table label={w.keys} heads={[w.key, w.for, w.lastUsed, w.made]} hidden={w.do}>
      {keys.map((key) => (
        <KeyRow key={key.id} of={key} onMade={onMade} onRevoked={onRevoked} />
      ))}
    </Table>
  );
}
