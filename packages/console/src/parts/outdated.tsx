import type { Failure } from "../state/failure.ts";
import { words } from "../words/index.ts";
import { Icon } from "./icon.tsx";
import { Said } from "./said.tsx";

/** Says over what was loaded before that it could not be loaded again, and why. A lost connection is shown elsewhere. */
export function Outdated({ of: { value, failure } }: { of: { value: unknown; failure: Failure | null } }) {
  if (value === null || failure === null || failure.status === 0) return null;
  return (
    <div class="strip">
      <Icon name="problems" />
      <span role="status">
        <b>{words.value.failure.outdated}</b> <Said of={failure} />
      </span>
    </div>
  );
}
