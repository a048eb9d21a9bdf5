import type { Event } from "@gatepost/client";
import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { matchOf, poorMatch } from "../format/event.ts";
import { faultFlags, flagSentence } from "../format/flags.ts";
import { size } from "../format/number.ts";
import type { PictureKind } from "../state/pictures.ts";
import { words } from "../words/index.ts";
import { Button, IconButton } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { Picture } from "./picture.tsx";

/** Whether the registered photo covers the captured face at the moment; null if this comparison is off. */
export const blink = signal<boolean | null>(null);

/** Slower than three times a second, so that flashes hurt no one (WCAG 2.3.1). */
const everyMs = 400;
let timer: ReturnType<typeof setInterval> | undefined;

export function startBlink(): void {
  if (timer !== undefined) return;
  blink.value = true;
  timer = setInterval(() => {
    blink.value = blink.value !== true;
  }, everyMs);
}

export function endBlink(): void {
  clearInterval(timer);
  timer = undefined;
  blink.value = null;
}

/** The problems of an event, as sentences, each with its flag in small type. */
export function Know({ event }: { event: Event }) {
  const { clockOffsetMs } = event;
  const flags = faultFlags(event.flags);
  if (flags.length === 0) return null;
  return (
    <section class="note warn" aria-labelledby="know">
      <Icon name="problems" />
      <div>
        <h3 id="know">{words.value.event.know(flags.length)}</h3>
        {flags.map((flag) => (
          <p key={flag}>
            <bdi>{flagSentence(flag, clockOffsetMs ?? 0)}</bdi> <bdi class="meta mono">{flag}</bdi>
          </p>
        ))}
      </div>
    </section>
  );
}

/** Registered and captured at the same height, then scene, infrared and match: all under one zoom and pan. */
export function Compare({ event }: { event: Event }) {
  const stage = useRef<HTMLDivElement>(null);
  useEffect(() => {
    view.value = whole;
    return endBlink;
  }, []);
  usePan(stage);
  const { zoom, x, y } = view.value;
  const { face, registered, scene } = event.pictures;
  const isSceneOnly = face === undefined && registered === undefined && scene !== undefined;
  const moved = { "--zoom": `${zoom}`, "--x": `${x * 100}%`, "--y": `${y * 100}%` };
  return (
    <section aria-label={words.value.event.compare}>
      <div class={zoom > 1 ? "compare zoomed" : "compare"} ref={stage} style={moved}>
        {isSceneOnly ? null : (
          <>
            <Shown event={event} kind="registered" look="tall" />
            <Shown event={event} kind="face" look="tall" />
          </>
        )}
        <Shown event={event} kind="scene" look={isSceneOnly ? "scene wide" : "scene"} />
        <div class="both">
          <Shown event={event} kind="infrared" look="infra" />
          <Match event={event} />
        </div>
      </div>
      {face === undefined || registered === undefined ? null : <Tools zoom={zoom} />}
    </section>
  );
}

const steps = 1.4;

function Tools({ zoom }: { zoom: number }) {
  const { event: w } = words.value;
  return (
    <div class="compare-tools line">
      <Button
        look="small"
        aria-pressed={blink.value !== null}
        onPointerDown={startBlink}
        onPointerUp={endBlink}
        onPointerLeave={endBlink}
      >
        {w.blink}
      </Button>
      <span class="line end">
        <label class="meta" for="zoom">
          {w.zoom}
        </label>
        <input
          id="zoom"
          class="range"
          type="range"
          min="1"
          max="8"
          step="0.1"
          value={zoom}
          onInput={({ currentTarget }) => zoomBy(Number(currentTarget.value) / view.value.zoom)}
        />
        <IconButton
          icon="full"
          label={w.reset}
          look="small bare"
          onClick={() => {
            view.value = whole;
          }}
        />
      </span>
    </div>
  );
}

function Shown({ event, kind, look }: { event: Event; kind: PictureKind; look: string }) {
  const { pictures: w } = words.value;
  const measured = useSignal<string | null>(null);
  const facts = event.pictures[kind];
  if (facts === undefined) {
    return (
      <figure class={`${look} absent`}>
        <span class="pic missing">{event.flags.includes(`picture-expired:${kind}`) ? w.ended : w.none[kind]}</span>
      </figure>
    );
  }
  const isCovered = kind === "registered" && blink.value === true && event.pictures.face !== undefined;
  return (
    <figure class={look}>
      <span class="frame">
        <Picture
          of={event}
          kind={kind}
          alt={w[kind]}
          width={kind === "scene" ? 640 : 400}
          height={kind === "scene" ? 360 : 490}
          onSize={(width, height) => {
            measured.value = `${width} × ${height}`;
          }}
        />
        {isCovered ? <Picture of={event} kind="face" class="pic over" /> : null}
      </span>
      <figcaption>
        {kind === "infrared" ? w.infraredShort : w[kind]}
        <span class="quiet">
          {kind === "scene" && measured.value !== null ? `${measured.value} · ${size(facts.bytes)}` : size(facts.bytes)}
        </span>
      </figcaption>
    </figure>
  );
}

function Match({ event }: { event: Event }) {
  const { event: w, match: label } = words.value;
  const match = matchOf(event);
  return (
    <div class="match">
      <span class="meta">{label}</span>
      {match === null ? (
        <span class="quiet">{w.noMatch}</span>
      ) : (
        <>
          <b>{match.toFixed(1)}</b>
          <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
            <rect class="track" width="100" height="6" />
            <rect class={match < poorMatch ? "fill low" : "fill"} width={match.toFixed(1)} height="6" />
          </svg>
          <span class="meta">{w.of100(String(event.score))}</span>
        </>
      )}
    </div>
  );
}

/** Drag to move a zoomed picture, double-click to zoom, pinch (or Ctrl and the wheel) to zoom. */
function usePan(stage: { current: HTMLElement | null }): void {
  useEffect(() => {
    const element = stage.current;
    if (element === null) return undefined;
    const ends = new AbortController();
    const { signal } = ends;
    let last: { x: number; y: number } | null = null;
    element.addEventListener(
      "pointerdown",
      (event) => {
        if (view.value.zoom > 1) last = { x: event.clientX, y: event.clientY };
      },
      { signal },
    );
    addEventListener(
      "pointermove",
      (event) => {
        if (last === null) return;
        const frame = element.querySelector(".frame")?.getBoundingClientRect();
        moveBy((event.clientX - last.x) / (frame?.width ?? 1), (event.clientY - last.y) / (frame?.height ?? 1));
        last = { x: event.clientX, y: event.clientY };
      },
      { signal },
    );
    addEventListener(
      "pointerup",
      () => {
        last = null;
      },
      { signal },
    );
    element.addEventListener("dblclick", () => zoomBy(view.value.zoom > 1 ? 1 / view.value.zoom : 2.5), { signal });
    element.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        zoomBy(event.deltaY < 0 ? steps : 1 / steps);
      },
      { signal, passive: false },
    );
    return () => ends.abort();
  }, []);
}

/** One zoom and pan for all pictures of an event: how large, and how far moved in parts of a picture's own size. */
interface View {
  zoom: number;
  x: number;
  y: number;
}

const whole: View = { zoom: 1, x: 0, y: 0 };
const view = signal<View>(whole);

const maxZoom = 8;

/** Nothing is moved so far that a picture leaves its frame. */
function bounded({ zoom, x, y }: View): View {
  const size = Math.min(maxZoom, Math.max(1, zoom));
  const room = (size - 1) / 2;
  const within = (value: number) => Math.min(room, Math.max(-room, value));
  return { zoom: size, x: within(x), y: within(y) };
}

function zoomBy(factor: number): void {
  const { zoom, x, y } = view.value;
  const by = Math.min(maxZoom, Math.max(1, zoom * factor)) / zoom;
  view.value = bounded({ zoom: zoom * by, x: x * by, y: y * by });
}

function moveBy(x: number, y: number): void {
  view.value = bounded({ zoom: view.value.zoom, x: view.value.x + x, y: view.value.y + y });
}
