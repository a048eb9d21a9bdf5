import type { Api, BoxHealth } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { minuteMs } from "../format/durations.ts";
import { Button } from "../parts/button.tsx";
import { FormDialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { attempt } from "../state/failure.ts";
import { gatepost } from "../state/session.ts";
import { boxWords } from "../words/boxes.ts";

type Wish = Api["PATCH /v1/boxes/{id}"]["body"];

/** After how long a box is called silent, and whether its silence is expected. */
export function Silence({ box, onChanged }: { box: BoxHealth; onChanged(box: BoxHealth): void }) {
  const w = boxWords.value;
  const isOpen = useSignal(false);
  const minutes = useSignal(String(Math.round((box.silence.afterMs ?? 30 * minuteMs) / minuteMs)));
  const close = () => {
    isOpen.value = false;
  };
  const change = async (body: Wish) =>
    onChanged(await gatepost().ask("PATCH /v1/boxes/{id}", { path: { id: box.id }, body }));
  const { isExpected } = box.silence;
  return (
    <>
      <Button look="small bare" onClick={() => (isOpen.value = true)}>
        {w.change}
      </Button>
      {isOpen.value ? (
        <FormDialog
          title={w.rhythm}
          does={w.save}
          onSend={() => change({ silence: { afterMs: Number(minutes.value) * minuteMs } })}
          onClose={close}
          others={
            <>
              <Button onClick={() => void attempt(() => change({ silence: { afterMs: null } })).then(close)}>
                {w.automatic}
              </Button>
              <Button onClick={() => void attempt(() => change({ silence: { isExpected: !isExpected } })).then(close)}>
                {isExpected ? w.notExpected : w.expect}
              </Button>
            </>
          }
        >
          <Field label={w.minutes} member="afterMs" of={minutes} type="number" min={1} max={100_000} required />
        </FormDialog>
      ) : null}
    </>
  );
}
