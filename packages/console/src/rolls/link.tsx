import { useSignal } from "@preact/signals";
import { clockTime, day } from "../format/time.ts";
import { Button, CopyLine } from "../parts/button.tsx";
import { Dialog, FormDialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { QrCode } from "../parts/pages/qr-code.tsx";
import { attempt } from "../state/failure.ts";
import { say } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";
import { rollWords } from "../words/roll.ts";

/** Makes a link that opens one list on a phone, without an account. */
export function RollLink({ roll, onClose }: { roll: string; onClose(): void }) {
  const w = rollWords.value;
  const name = useSignal("");
  const made = useSignal<{ url: string; expires: string } | null>(null);
  const path = { id: roll };
  const make = async () => {
    made.value = await gatepost().ask("POST /v1/rolls/{id}/links", { path, body: { name: name.value.trim() } });
  };
  const endAll = async () => {
    const done = await attempt(async () => {
      await gatepost().send("DELETE /v1/rolls/{id}/links", { path });
      return true;
    });
    if (done !== null) say(w.linksEnded);
  };
  if (made.value !== null) {
    const until = new Date(made.value.expires);
    return (
      <Dialog title={w.linkTitle} onClose={onClose}>
        <QrCode text={made.value.url} label={w.linkTitle} />
        <CopyLine label={w.linkAddress} text={made.value.url} />
        <p>{w.linkScan(`${day(until.getTime())}, ${clockTime(until.getTime())}`)}</p>
      </Dialog>
    );
  }
  return (
    <FormDialog
      title={w.linkTitle}
      does={w.linkMake}
      isReady={name.value.trim() !== ""}
      onSend={make}
      onSent={() => {}}
      onClose={() => (made.peek() === null ? onClose() : undefined)}
      others={<Button onClick={() => void endAll()}>{w.endLinks}</Button>}
    >
      <p>{w.linkWhy}</p>
      <Field label={w.linkName} member="name" of={name} required maxLength={60} />
    </FormDialog>
  );
}
