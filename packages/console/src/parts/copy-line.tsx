import { say } from "../state/notice.ts";
import { words } from "../words/index.ts";
import { Button } from "./button.tsx";

/** A text to be pasted elsewhere, and a button that copies the whole of it. */
export function CopyLine({ label, text }: { label: string; text: string }) {
  const copy = async () => {
    await navigator.clipboard?.writeText(text);
    say(words.value.copied);
  };
  return (
    <div class="url">
      <span>{label}</span>
      <code class="mono" title={text}>
        {text}
      </code>
      <Button icon="copy" look="small" aria-label={`${words.value.copy}: ${label}`} onClick={() => void copy()}>
        {words.value.copy}
      </Button>
    </div>
  );
}
