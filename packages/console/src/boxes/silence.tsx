import type { Api, BoxHealth } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { attempt } from "../state/attempt.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";

type Wish = Api["PATCH /v1/boxes/{id}"]["body"];
const minute = 60_000;

/** After how long a box is called silent, and whether its silence is expected. */
export function Silence({ box, onChanged }: { box: BoxHealth; onChanged(box: BoxHealth): void }) {
  const { boxes: w } = words.value;
  const isOpen = useSignal(false);
  const minutes = useSignal(String(Math.round((box.silence.afterMs ?? 30 * minute) / minute)));
  const change = (body: Wish) =>
    attempt(async () => {
      onChanged(await gatepost().ask("PATCH /v1/boxes/{id}", { path: { id: box.id }, body }));
      isOpen.value = false;
    });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void change({ silence: { afterMs: Number(minutes.value) * minute } });
  };
  const { isExpected } = box.silence;
  return (
    <>
      <Button look="small bare" onClick={() => (isOpen.value = true)}>
        {w.change}
      </Button>
      {isOpen.value ? (
        <Dialog title={w.rhythm} onClose={() => (isOpen.value = false)}>
          <form class="form" onSubmit={submit}>
            <label class="choice">
              {w.minutes}
              <input
                class="field"
                type="number"
                min="1"
                max="100000"
                required
                value={minutes.value}
                onInput={({ currentTarget }) => (minutes.value = currentTarget.value)}
              />
            </label>
            <span class="line">
              <Button look="main" type="submit">
                {w.save}
              </Button>
              <Button onClick={() => void change({ silence: { afterMs: null } })}>{w.automatic}</Button>
              <Button onClick={() => void change({ silence: { isExpected: !isExpected } })}>
                {isExpected ? w.notExpected : w.expect}
              </Button>
            </span>
          </form>
        </Dialog>
      ) : null}
    </>
  );
}
