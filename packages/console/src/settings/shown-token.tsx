import { Button } from "../parts/button.tsx";
import { CopyLine } from "../parts/copy-line.tsx";
import { words } from "../words/index.ts";
import type { MadeKey } from "./new-key.tsx";

/** A new token, which is shown only now. */
export function ShownToken({ made, onClose }: { made: MadeKey; onClose(): void }) {
  const { settings: w, close } = words.value;
  return (
    <div class="body gap" role="status">
      <p>
        <b class="mono">{made.id}</b> {w.once}
      </p>
      <CopyLine label={w.token} text={made.token} />
      {made.scope === "ingest" ? null : <CopyLine label={w.link} text={`${location.origin}/#token=${made.token}`} />}
      <span class="line">
        <Button onClick={onClose}>{close}</Button>
      </span>
    </div>
  );
}
