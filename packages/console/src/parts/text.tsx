import type { Event } from "@gatepost/client";
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect } from "preact/hooks";
import { isNamed, nameOf } from "../format/event.ts";
import { ago, clockTime, day, exactTime } from "../format/time.ts";
import { now } from "../state/clock.ts";
import { type Failure, failureText } from "../state/failure.ts";

/** A text of a box: its letters may run either way, and a text that is cut by the width is whole in the description. */
export function BoxText({ text, class: name }: { text: string; class?: string }) {
  return (
    <bdi class={name} title={text}>
      {text}
    </bdi>
  );
}

/** Letters at the end of a text that are not cut, and the shortest text that has so many more. */
const [endLength, longLength] = [6, 12];

/** The same on a line alone, cut in its middle: gates, addresses and boxes differ at the end. */
export function PlaceText({ text, class: name = "" }: { text: string; class?: string }) {
  const letters = [...text];
  const end = letters.length < longLength ? 0 : endLength;
  return (
    <bdi class={`middle ${name}`} title={text}>
      <span>{letters.slice(0, letters.length - end).join("")}</span>
      <span>{letters.slice(letters.length - end).join("")}</span>
    </bdi>
  );
}

/** The name of a person, or of the place of who has none. */
export function NameText({ of, class: name = "name" }: { of: Event; class?: string }) {
  return isNamed(of) ? <BoxText class={name} text={nameOf(of)} /> : <PlaceText class={name} text={nameOf(of)} />;
}

/** A time of a passing, with the whole of it for who asks. */
export function Moment({ at, class: name, text }: { at: string | number; class?: string; text?: string }) {
  const iso = new Date(at).toISOString();
  return (
    <time class={name} dateTime={iso} title={`${day(at)} ${exactTime(at)}`}>
      {text ?? clockTime(at)}
    </time>
  );
}

/** How long ago something was. Re-renders each second only the texts that changed. */
export function Ago({ at }: { at: string }) {
  const time = useSignal(at);
  useLayoutEffect(() => {
    time.value = at;
  }, [at]);
  return <>{useComputed(() => ago(time.value, now.value))}</>;
}

/** Why something failed, in one sentence. */
export function Said({ of }: { of: Failure }) {
  return <bdi>{failureText(of)}</bdi>;
}

const afterMs = 200;

/** Whether the wait is so long that it must be shown: data that arrives within 200 ms never flickers. */
export function useLate(after = afterMs): boolean {
  const isLate = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      isLate.value = true;
    }, after);
    return () => clearTimeout(timer);
  }, []);
  return isLate.value;
}
