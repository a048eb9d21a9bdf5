import type { Failure } from "../state/failure.ts";
import { words } from "../words/index.ts";
import { Icon } from "./icon.tsx";
import { Said } from "./said.tsx";

/** Over what was loaded before: that it could not be loaded again, and why. Of a lost connection every page says so. */
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
