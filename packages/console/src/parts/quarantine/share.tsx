import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { attempt } from "../../state/failure.ts";
import { copy } from "../../state/notice.ts";
import { gatepost } from "../../state/session.ts";
import { words } from "../../words/index.ts";
import { Button } from "../button.tsx";
import { Dialog } from "../dialog.tsx";
import { saveFile } from "../save-file.ts";

type ReportSample = Api["GET /v1/quarantine/{id}/sample"]["answer"];

/** Makes a sample of a report, and copies it once the user has seen which values stay. */
export function Share({ id }: { id: string }) {
  const { problems: w } = words.value;
  const sample = useSignal<ReportSample | null>(null);
  const isBusy = useSignal(false);
  const make = async () => {
    if (isBusy.value) return;
    isBusy.value = true;
    await attempt(async () => {
      sample.value = await gatepost().ask("GET /v1/quarantine/{id}/sample", { path: { id } });
    });
    isBusy.value = false;
  };
  const close = () => {
    sample.value = null;
  };
  const made = sample.value;
  return (
    <>
      <Button icon="copy" look="small" aria-disabled={isBusy.value} onClick={() => void make()}>
        {w.share}
      </Button>
      {made === null ? null : (
        <Dialog title={w.shareTitle} onClose={close}>
          <p>{w.shareWhy}</p>
          {made.kept.length === 0 ? (
            <p class="quiet">{w.noneStay}</p>
          ) : (
            <>
              <p>{w.theseStay}</p>
              <pre class="code">
                <bdi>{made.kept.join("\n")}</bdi>
              </pre>
            </>
          )}
          <span class="line foot">
            <Button look="main" onClick={() => void give(made).then(close)}>
              {made.body === undefined ? words.value.events.download : words.value.copy}
            </Button>
            <Button onClick={close}>{words.value.cancel}</Button>
          </span>
        </Dialog>
      )}
    </>
  );
}

/** Copies a sample as the request that would send it. One that is no text becomes a file. */
async function give({ id, path, headers, body, bodyBase64 = "" }: ReportSample): Promise<void> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST /{KEY}${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
  if (body !== undefined) return copy(head + body);
  const bytes = Uint8Array.from(atob(bodyBase64), (character) => character.charCodeAt(0));
  saveFile(`${id}.http`, new Blob([head, bytes]));
}
