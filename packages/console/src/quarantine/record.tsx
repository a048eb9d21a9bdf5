import type { Api, QuarantineRecord } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { count, size } from "../format/number.ts";
import { exactTime, near } from "../format/time.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Failed } from "../parts/loaded.tsx";
import { Share } from "../parts/quarantine/share.tsx";
import { addressOf } from "../state/address.ts";
import { now } from "../state/clock.ts";
import { attempt } from "../state/failure.ts";
import { useLoading } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { isAdmin } from "../state/role.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";

interface RecordProps {
  record: QuarantineRecord;
  onNewer: (() => void) | null;
  onOlder: (() => void) | null;
  onReplayed(): void;
}

/** One report in quarantine: its body with pictures folded, its headers, and replaying it. */
export function Record({ record, onNewer, onOlder, onReplayed }: RecordProps) {
  const { problems: w } = words.value;
  const { id, receivedAt, path, bytes, event, replay: progress } = record;
  const isBusy = useSignal(false);
  const replay = async () => {
    if (isBusy.value) return;
    isBusy.value = true;
    await attempt(async () => {
      const { outcome, events } = await gatepost().ask("POST /v1/quarantine/{id}/replay", { path: { id } });
      const text = events.length > 0 ? w.replayed : w.replayedToNone;
      say(outcome === "stored" ? text : w.stays);
      if (outcome === "stored") onReplayed();
    });
    isBusy.value = false;
  };
  return (
    <div class="panel">
      <header>
        <b>
          <time dateTime={receivedAt} title={exactTime(receivedAt)}>
            {near(receivedAt, now.value)}
          </time>
        </b>
        <bdi class="quiet">{path}</bdi>
        <span class="quiet">{count(bytes)} B</span>
        <span class="end line">
          <Step icon="up" label={words.value.event.newer} onStep={onNewer} />
          <Step icon="down" label={words.value.event.older} onStep={onOlder} />
          <Button icon="download" look="small" onClick={() => void download(record)}>
            {words.value.events.download}
          </Button>
          <Share id={id} />
          {isAdmin.value && progress === null ? (
            <Button icon="replay" look="small" aria-disabled={isBusy.value} onClick={() => void replay()}>
              {w.replay}
            </Button>
          ) : null}
        </span>
      </header>
      <div class="body gap">
        {progress === null ? null : (
          <span class="meta" role="status">
            {progress.of === 0 ? w.replayBegins : w.replaysItself(progress.done, progress.of)}
          </span>
        )}
        {event === null ? null : (
          <a class="link-line" href={addressOf("event", event.id)}>
            {w.toEvent}
          </a>
        )}
        {/* Made anew for each report: the one before is not to be seen under this one. */}
        <Came key={id} id={id} />
      </div>
      <Headers headers={record.headers} />
    </div>
  );
}

/** Its body, once it is there. */
function Came({ id }: Pick<QuarantineRecord, "id">) {
  const { state, reload } = useLoading(`record ${id}`, (signal) =>
    gatepost().ask("GET /v1/quarantine/{id}", { path: { id }, query: { fold: "1" }, signal }),
  );
  const { value, failure, retryAt } = state.value;
  if (value !== null) return <Body record={value} />;
  return failure === null ? null : <Failed failure={failure} retryAt={retryAt} onRetry={reload} />;
}

/** To the report beside it. If there is none, it keeps the focus: a user of the keyboard may want the way back. */
function Step({ icon, label, onStep }: { icon: "up" | "down"; label: string; onStep: (() => void) | null }) {
  return <IconButton icon={icon} label={label} aria-disabled={onStep === null} onClick={() => onStep?.()} />;
}

function Headers({ headers }: { headers: QuarantineRecord["headers"] }) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return (
    <details>
      <summary>
        {words.value.problems.headers}
        <bdi class="meta end">{lines.slice(0, 2).join(" · ")}</bdi>
      </summary>
      <pre class="code sideways">
        <bdi>{lines.join("\n")}</bdi>
      </pre>
    </details>
  );
}

/** Saves a report as it was received, byte by byte. */
async function download({ id, box }: Pick<QuarantineRecord, "id" | "box">): Promise<void> {
  await attempt(async () => {
    const { body, bodyBase64, bodyLink } = await gatepost().ask("GET /v1/quarantine/{id}", { path: { id } });
    const url = bodyLink?.url ?? URL.createObjectURL(blobOf(body, bodyBase64));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${box}-${id}.txt`;
    link.click();
    if (bodyLink === undefined) setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
}

function blobOf(body: unknown, base64: string | undefined): Blob {
  if (base64 !== undefined) return new Blob([Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))]);
  return new Blob([typeof body === "string" ? body : JSON.stringify(body)]);
}

type Whole = Api["GET /v1/quarantine/{id}"]["answer"];

/** What a browser shows of a text without standing still. */
const maxShown = 200_000;

/** The body as text: pictures folded, and the place of the fault marked. */
function Body({ record }: { record: Whole }) {
  const { problems: w } = words.value;
  const { body, bodyBase64, bodyLink, bytes } = record;
  if (bodyLink !== undefined) return <p class="quiet">{w.tooLarge(size(bytes))}</p>;
  if (bodyBase64 !== undefined || body === undefined) return <p class="quiet">{w.binary}</p>;
  const pieces = piecesOf(body);
  const shown = pieces.reduce((sum, piece) => sum + (typeof piece === "string" ? piece.length : 0), 0);
  // A body that was cut would seem to have been received so.
  if (shown > maxShown || record.isCut === true) return <p class="quiet">{w.tooLarge(size(bytes))}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, also by keys.
    <pre class="code sideways" tabIndex={0}>
      {pieces.map((piece, at) =>
        typeof piece === "string" ? (
          <bdi key={`${at}`}>{piece}</bdi>
        ) : (
          <span key={`${at}`} class="fold">
            <bdi>{w.picture(piece.path, size(piece.bytes))}</bdi>
          </span>
        ),
      )}
      <FaultMark fault={record.fault} />
    </pre>
  );
}

function FaultMark({ fault }: { fault: Whole["fault"] }): ComponentChildren {
  const { problems: w } = words.value;
  if (fault === null || fault === undefined) return null;
  return <mark> {fault.byte === null ? w.breaksOffHere : w.breaksOff(count(fault.byte))} </mark>;
}

/** A picture that appears in a body only by its size. */
interface FoldedPicture {
  path: string;
  bytes: number;
}

const marked = /\{\s*"\$picture":\s*(\{[^{}]*\})\s*\}/g;

/** A body in pieces: text, and pictures that were folded out of it. A body that is no text is written as JSON first. */
export function piecesOf(body: unknown): (string | FoldedPicture)[] {
  const text = typeof body === "string" ? body : JSON.stringify(body, null, 2);
  const pieces: (string | FoldedPicture)[] = [];
  let end = 0;
  for (const match of text.matchAll(marked)) {
    const picture = pictureOf(match[1] ?? "");
    if (picture === null) continue;
    pieces.push(text.slice(end, match.index), picture);
    end = match.index + match[0].length;
  }
  return [...pieces, text.slice(end)].filter((piece) => piece !== "");
}

function pictureOf(json: string): FoldedPicture | null {
  try {
    const { path, bytes }: { path?: unknown; bytes?: unknown } = JSON.parse(json);
    return typeof path === "string" && typeof bytes === "number" ? { path, bytes } : null;
  } catch {
    return null;
  }
}
