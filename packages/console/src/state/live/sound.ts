import { computed, effect, signal } from "@preact/signals";
import { preferences } from "../preferences.ts";

interface Output {
  context: AudioContext;
  /** All tones pass it. */
  volume: GainNode;
}

/** Null until the user wants a sound. */
let output: Output | null = null;
const isAudible = signal(false);

/** Whether the user would hear a tone: a newly loaded page is silent until the first click or key. */
export const isSoundOn = computed(() => preferences.value.hasSound && isAudible.value);

/** Whether the user wants a sound that the browser does not allow yet. */
export const isSoundBlocked = computed(() => preferences.value.hasSound && !isAudible.value);

/** Switches the sound on: most browsers allow it only from a click. */
export function allowSound(): void {
  output ??= newOutput();
  void output.context.resume();
}

function newOutput(): Output {
  const context = new AudioContext();
  const volume = context.createGain();
  volume.connect(context.destination);
  effect(() => {
    volume.gain.value = preferences.value.volume / 100;
  });
  const note = () => {
    isAudible.value = context.state === "running";
  };
  context.addEventListener("statechange", note);
  note();
  return { context, volume };
}

/** A user's acts after which browsers allow sound; a finger that only scrolls makes no click. */
const acts = ["pointerdown", "touchend", "click", "keyup"] as const;

/**
 * If sound was switched on before the page was loaded, the user's first act starts it again. A phone stops it while the
 * screen is off; some allow it again at once when the page is visible.
 */
export function followSound(): void {
  const again = () => {
    if (isSoundBlocked.peek()) allowSound();
  };
  for (const act of acts) addEventListener(act, again);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") again();
  });
  again();
}

/** Hz of the two tones of an alarm; s for which each sounds, and from the beginning of one to the next. */
const [pitches, soundsFor, apart] = [[740, 880], 0.4, 1];
/** s in which a tone swells and fades, so that it does not click. */
const edge = 0.02;

let source: AudioBufferSourceNode | null = null;

/** Begins or ends the tone of an alarm. The browser repeats it, also for a page in the background. */
export function soundAlarm(isOn: boolean): void {
  if (!isOn || output === null) {
    source?.stop();
    source = null;
  } else if (source === null) {
    source = play(output, pitches);
    source.loop = true;
  }
}

/** A single tone. */
export function tone(): void {
  if (output !== null) play(output, pitches.slice(0, 1));
}

/** The tone of an alarm once, to try the volume. */
export function tryAlarm(): void {
  allowSound();
  if (output !== null) play(output, pitches);
}

function play({ context, volume }: Output, tones: readonly number[]): AudioBufferSourceNode {
  const { sampleRate } = context;
  const buffer = context.createBuffer(1, tones.length * apart * sampleRate, sampleRate);
  const samples = buffer.getChannelData(0);
  for (const [at, pitch] of tones.entries()) {
    for (let n = 0; n < soundsFor * sampleRate; n++) {
      const s = n / sampleRate;
      const swell = Math.min(1, s / edge, (soundsFor - s) / edge);
      samples[at * apart * sampleRate + n] = swell * Math.sin(2 * Math.PI * pitch * s);
    }
  }
  const played = context.createBufferSource();
  played.buffer = buffer;
  played.connect(volume);
  played.start();
  return played;
}
