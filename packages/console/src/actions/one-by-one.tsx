import type { RequestedAction } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { CompareDialog } from "../parts/actions/compare-dialog.tsx";

interface OneByOneProps {
  actions: readonly RequestedAction[];
  onChanged(changed: RequestedAction): void;
  onClose(): void;
}

/** Compares the photos of several actions in one dialogue, which stays until the last one. */
export function OneByOne({ actions, onChanged, onClose }: OneByOneProps) {
  const at = useSignal(0);
  const action = actions[at.value];
  if (action === undefined) return null;
  const go = (by: 1 | -1) => {
    const next = at.peek() + by;
    if (next >= actions.length) onClose();
    else at.value = Math.max(0, next);
  };
  return (
    <CompareDialog
      action={action}
      queue={{ at: at.value + 1, of: actions.length, go }}
      onApproved={onChanged}
      onClose={onClose}
    />
  );
}
