import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect } from "preact/hooks";
import {
  fetchInstead,
  holdPicture,
  isAtHand,
  isByCookie,
  isLost,
  type Pictured,
  type PictureKind,
  reconnections,
  widthFor,
} from "../state/pictures.ts";
import { words } from "../words/index.ts";
import { Icon } from "./icon.tsx";
import { isPrinting } from "./printing.ts";

interface PictureProps {
  of: Pictured;
  kind: PictureKind;
  /** The description; empty if a text beside the picture names the person. */
  alt?: string;
  class?: string;
  width?: number;
  height?: number;
  /** Whether it is loaded only near the view, as in a long list. */
  isLazy?: boolean;
  onSize?(width: number, height: number): void;
  /** If it cannot be shown. */
  onFailed?(): void;
}

/** A picture of an event, in a box of the right size while it loads, and in words if it cannot be shown. */
export function Picture({
  of,
  kind,
  alt = "",
  class: name = "pic",
  width = 200,
  height = 250,
  isLazy = false,
  onSize,
  onFailed,
}: PictureProps) {
  const shown = useShown(of, kind, widthFor(width));
  const hasFailed = shown.failed !== null;
  useEffect(() => {
    if (hasFailed) onFailed?.();
  }, [hasFailed]);
  if (shown.failed !== null) return <Missing class={name} alt={alt} text={shown.failed} />;
  if (shown.url === null) return <span class={`${name} waits`} />;
  return (
    <img
      class={name}
      src={shown.url}
      alt={alt}
      width={width}
      height={height}
      decoding="async"
      loading={isLazy ? "lazy" : "eager"}
      draggable={false}
      onError={shown.onError}
      onLoad={({ currentTarget }) => onSize?.(currentTarget.naturalWidth, currentTarget.naturalHeight)}
    />
  );
}

/** In place of a picture that cannot be shown: says why. */
export function Missing({ class: name, alt, text }: { class: string; alt: string; text: string }) {
  return (
    <span class={`${name} lost`} role="img" aria-label={alt === "" ? text : `${alt}: ${text}`} title={text}>
      <Icon name="off" />
    </span>
  );
}

interface Shown {
  url: string | null;
  failed: string | null;
  onError(): void;
}

function useShown(of: Pictured, kind: PictureKind, width: ReturnType<typeof widthFor>): Shown {
  const shown = useSignal<{ url: string | null; failed: "lost" | "failed" | null }>({ url: null, failed: null });
  const there = (url: string) => {
    shown.value = { url, failed: null };
  };
  const gone = (error: unknown) => {
    shown.value = { url: null, failed: isLost(error) ? "lost" : "failed" };
  };
  const sha256 = of.pictures[kind]?.sha256;
  const turn = useSignal(0);
  const hasFailed = shown.value.failed === "failed";
  useEffect(() => {
    const before = reconnections.peek();
    if (!hasFailed) return undefined;
    return reconnections.subscribe((times) => {
      if (times !== before) turn.value = times;
    });
  }, [hasFailed]);
  // The hash says which picture it is; the event may be a newer copy.
  useLayoutEffect(() => {
    if (isPrinting.peek() && !isAtHand({ event: of, kind, width })) return;
    let isOver = false;
    const { url, now, release } = holdPicture({ event: of, kind, width });
    shown.value = { url: now, failed: null };
    url.then(
      (made) => isOver || there(made),
      (error: unknown) => isOver || gone(error),
    );
    return () => {
      isOver = true;
      release();
    };
  }, [of.id, kind, sha256, turn.value]);
  const { url, failed } = shown.value;
  return {
    url,
    failed: failed === null ? null : words.value.pictures[failed],
    onError() {
      // Bytes that are no picture do not become one by another try.
      if (url === null || !isByCookie(url)) shown.value = { url: null, failed: "failed" };
      else {
        // Another picture may be shown in this place by then.
        const isStill = () => shown.peek().url === url;
        fetchInstead({ event: of, kind, width }).then(
          (made) => isStill() && there(made),
          (error: unknown) => isStill() && gone(error),
        );
      }
    },
  };
}
