import type { Event, RequestedAction } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { later } from "../parts/later.tsx";
import { isDecided, isOpen } from "../state/actions/decided.ts";
import { attempt } from "../state/failure.ts";
import { useOnce } from "../state/loading.ts";
import { isManager } from "../state/role.ts";
import { gatepost } from "../state/session.ts";
import { actionWords } from "../words/actions.ts";

const RegisterDialog = later(async () => (await import("../parts/actions/register-dialog.tsx")).RegisterDialog);

/** Registers the stranger, if the box asked for it and no user has decided yet. */
export function Register({ event, onChanged }: { event: Event; onChanged(): void }) {
  const asked = useSignal<RequestedAction | null>(null);
  const wanted = event.actions.find((action) => action.wantAction === "1001" && isOpen(action));
  const open = useOnce((id: string) =>
    attempt(async () => {
      const action = await gatepost().ask("GET /v1/actions/{id}", { path: { id } });
      asked.value = { ...action, event: action.event ?? event };
    }),
  );
  if (!isManager.value || wanted === undefined || isDecided(wanted.id)) return null;
  return (
    <>
      <Button aria-haspopup="dialog" onClick={() => void open(wanted.id)}>
        {actionWords.value.approve["1001"]}
      </Button>
      {asked.value === null ? null : (
        <RegisterDialog
          action={asked.value}
          onApproved={onChanged}
          onClose={() => {
            asked.value = null;
          }}
        />
      )}
    </>
  );
}
