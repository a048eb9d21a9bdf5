import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { isZone, ownZone } from "../format/time-zones.ts";
import { Button } from "../parts/button.tsx";
import { FormDialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { Ago } from "../parts/text.tsx";
import { useLoading } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { isAdmin } from "../state/role.ts";
import { gatepost } from "../state/session.ts";
import { boxWords } from "../words/boxes.ts";
import { newBoxWords } from "../words/new-box.ts";
import { makeBox } from "./new-terminal.tsx";

type Terminal = Api["GET /v1/unknown-terminals"]["answer"]["terminals"][number];

const everyMs = 10_000;

/** Terminals that keep their records because no key lists their serial, each with a way to let it in. */
export function UnknownTerminals({ onLetIn }: { onLetIn(): void }) {
  return isAdmin.value ? <Waiting onLetIn={onLetIn} /> : null;
}

function Waiting({ onLetIn }: { onLetIn(): void }) {
  const loading = useLoading("unknown terminals", (signal) => gatepost().ask("GET /v1/unknown-terminals", { signal }), {
    every: everyMs,
  });
  const changed = () => {
    loading.reload();
    onLetIn();
  };
  const terminals = loading.state.value.value?.terminals ?? [];
  if (terminals.length === 0) return null;
  return (
    <div class="stack wants-in">
      {terminals.map((one) => (
        <Note key={one.serial} terminal={one} onLetIn={changed} />
      ))}
    </div>
  );
}

function Note({ terminal: { serial, from, count, last }, onLetIn }: { terminal: Terminal; onLetIn(): void }) {
  const w = boxWords.value;
  const isOpen = useSignal(false);
  return (
    <div class="note warn">
      <Icon name="problems" />
      <div>
        <h2>
          <bdi>{w.wantsIn(serial)}</bdi>
        </h2>
        <p>
          <bdi>{w.tried(count, from)}</bdi> <Ago at={last} />. {w.keepsRecords}
        </p>
      </div>
      <span class="end">
        <Button aria-label={`${w.letIn}: ${serial}`} onClick={() => (isOpen.value = true)}>
          {w.letIn}
        </Button>
      </span>
      {isOpen.value ? <LetIn serial={serial} onLetIn={onLetIn} onClose={() => (isOpen.value = false)} /> : null}
    </div>
  );
}

function LetIn({ serial, onLetIn, onClose }: { serial: string; onLetIn(): void; onClose(): void }) {
  const w = boxWords.value;
  const { zone: zoneWord, nameLabel } = newBoxWords.value;
  const name = useSignal("");
  const zone = useSignal(ownZone());
  const letIn = async () => {
    const box = name.value.trim();
    await makeBox({ box, make: "zkteco", serial, zone: zone.value.trim() });
    say(w.isLetIn(serial, box));
  };
  const done = () => {
    onClose();
    onLetIn();
  };
  return (
    <FormDialog
      title={<bdi>{w.letInTitle(serial)}</bdi>}
      does={w.letIn}
      isReady={isZone(zone.value.trim())}
      onSend={letIn}
      onSent={done}
      onClose={onClose}
    >
      <Field label={nameLabel} of={name} look="mono" required maxLength={64} />
      <Field label={zoneWord} of={zone} look="mono" required maxLength={64} />
    </FormDialog>
  );
}
