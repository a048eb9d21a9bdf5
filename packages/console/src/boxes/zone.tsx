import type { Box } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { isZone, ownZone, suggestedOffset } from "../format/time-zones.ts";
import { Button } from "../parts/button.tsx";
import { FormDialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { isTerminal } from "../state/boxes/is-terminal.ts";
import { serverTime } from "../state/clock.ts";
import { attempt } from "../state/failure.ts";
import { isAdmin } from "../state/role.ts";
import { gatepost, me } from "../state/session.ts";
import { boxWords } from "../words/boxes.ts";

interface ZoneProps {
  box: Box;
  onChanged(box: Box): void;
}

/** Without a zone, a box has the zone of its site, and then the zone of the server. A server on AWS has none. */
const hasUsualZone = () => me.value?.server.runtime !== "aws";

/** The zone in which a terminal's times are read, and the one that its last times suggest. */
export function BoxZone({ box, onChanged }: ZoneProps) {
  const w = boxWords.value;
  if (box.zone === null && !isTerminal(box)) return null;
  const isRead = box.zone !== null || hasUsualZone();
  const skew = box.clock?.skewMs ?? 0;
  const offset = isRead ? suggestedOffset(box.zone ?? ownZone(), skew, serverTime()) : null;
  const why = isRead ? w.zoneWhy : w.noZoneWhy;
  return (
    <section class="panel" aria-labelledby="zone">
      <header>
        <h2 id="zone">{w.zone}</h2>
        <span class="meta end">
          {box.zone !== null ? <bdi class="mono">{box.zone}</bdi> : isRead ? w.usualZone : w.noZone}
        </span>
        {isAdmin.value ? <Change box={box} onChanged={onChanged} /> : null}
      </header>
      <p class="body quiet">{offset === null ? why : w.otherZone(offset, box.zone === null)}</p>
    </section>
  );
}

function Change({ box, onChanged }: ZoneProps) {
  const w = boxWords.value;
  const isOpen = useSignal(false);
  const zone = useSignal(box.zone ?? ownZone());
  const close = () => {
    isOpen.value = false;
  };
  const change = async (to: string | null) =>
    onChanged(await gatepost().ask("PATCH /v1/boxes/{id}", { path: { id: box.id }, body: { zone: to } }));
  const name = zone.value.trim();
  return (
    <>
      <Button look="small bare" aria-label={`${w.change}: ${w.zone}`} onClick={() => (isOpen.value = true)}>
        {w.change}
      </Button>
      {isOpen.value ? (
        <FormDialog
          title={w.zone}
          isReady={isZone(name)}
          onSend={() => change(name)}
          onClose={close}
          others={
            hasUsualZone() ? (
              <Button onClick={() => void attempt(() => change(null)).then(close)}>{w.takeUsualZone}</Button>
            ) : null
          }
        >
          <Field
            label={w.zoneName}
            member="zone"
            of={zone}
            look="mono"
            required
            maxLength={64}
            placeholder="Asia/Shanghai"
          />
        </FormDialog>
      ) : null}
    </>
  );
}
