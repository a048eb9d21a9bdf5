import { copy } from "../state/copy.ts";
import { words } from "../words/index.ts";
import { Button } from "./button.tsx";

/** A text to be pasted elsewhere, and a button that copies the whole of it. */
export function CopyLine({ label, text }: { label: string; text: string }) {
  return (
    <div class="url">
      <span>{label}</span>
      <code class="mono" title={text}>
        {text}
      </code>
      <Button icon="copy" look="small" aria-label={`${words.value.copy}: ${label}`} onClick={() => void copy(text)}>
        {words.value.copy}
      </Button>
    </div>
  );
}
