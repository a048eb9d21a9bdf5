import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";

/** Content over the page, beside the button that opened it. */
export function Popover({ name, onClose, children }: { name: string; onClose(): void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.show();
    dialog.current?.querySelector<HTMLElement>("input, button")?.focus();
    return dialog.current === null ? undefined : keepInView(dialog.current);
  }, []);
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onClose();
  };
  return (
    <dialog ref={dialog} class="popover" aria-label={name} onKeyDown={onKey}>
      {children}
    </dialog>
  );
}

/** Closes a popover when the user presses outside its place. Returns the function that ends it. */
export function closeOutside(place: { current: HTMLElement | null }, isOpen: { value: boolean }): () => void {
  const onDown = ({ target }: PointerEvent) => {
    if (isOpen.value && target instanceof Node && place.current?.contains(target) !== true) isOpen.value = false;
  };
  document.addEventListener("pointerdown", onDown);
  return () => document.removeEventListener("pointerdown", onDown);
}

interface OpenerProps {
  /** Names the button and its content. */
  label: string;
  /** The text of the button; only its icon without one. */
  text?: ComponentChildren;
  icon: IconName;
  disabled?: boolean;
  title?: string | undefined;
  /** The look of the button; without it, like a text. */
  look?: string;
  /** The content. The function receives a callback that closes it. */
  children(close: () => void): ComponentChildren;
}

/** A button in a row that opens choices beside it. */
export function Opener({ label, text, icon, disabled = false, title, look, children }: OpenerProps) {
  const isOpen = useSignal(false);
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => closeOutside(place, isOpen), []);
  const close = () => {
    isOpen.value = false;
    place.current?.querySelector("button")?.focus();
  };
  return (
    <span class="facet-place" ref={place} onFocusOut={(event) => closeLeft(event, place.current, isOpen)}>
      <Button
        look={look ?? (text === undefined ? "bare icon" : "small bare")}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={isOpen.value}
        disabled={disabled}
        title={title}
        onClick={() => (isOpen.value = !isOpen.value)}
      >
        {text}
        <Icon name={icon} />
      </Button>
      {isOpen.value ? (
        <Popover name={label} onClose={close}>
          {children(close)}
        </Popover>
      ) : null}
    </span>
  );
}

interface ItemProps {
  text: ComponentChildren;
  /** Whether it is the present choice. Left out for an act. */
  isChosen?: boolean | undefined;
  disabled?: boolean;
  title?: string | undefined;
  /** Closes its popover, before it does what it says. */
  close?: (() => void) | undefined;
  onChoose(): void;
}

/** A choice of a menu. */
export function Item({ text, isChosen, close, onChoose, ...rest }: ItemProps) {
  const choose = () => {
    close?.();
    onChoose();
  };
  return (
    <li>
      <Button look="bare" aria-pressed={isChosen} {...rest} onClick={choose}>
        {text}
      </Button>
    </li>
  );
}

interface MenuProps<Value extends string> extends Pick<ItemProps, "close"> {
  choices: readonly (readonly [value: Value, text: ComponentChildren])[];
  /** As of an item. */
  isChosen?(value: Value): boolean;
  onChoose(value: Value): void;
}

/** One of a few, below each other. */
export function Menu<Value extends string>({ choices, isChosen, onChoose, close }: MenuProps<Value>) {
  return (
    <ul class="choices">
      {choices.map(([value, text]) => (
        <Item key={value} text={text} isChosen={isChosen?.(value)} close={close} onChoose={() => onChoose(value)} />
      ))}
    </ul>
  );
}

/** Closes a popover when the focus leaves its place. */
export function closeLeft({ relatedTarget }: FocusEvent, place: HTMLElement | null, isOpen: Signal<boolean>): void {
  if (relatedTarget instanceof Node && place?.contains(relatedTarget) !== true) isOpen.value = false;
}

/** Px that stay free beside an element in view. */
const margin = 8;

/**
 * Moves the content of an opened button to the left if it would leave the page on the right, also when content arrives
 * later or the window becomes narrower. Returns the function that ends it.
 */
function keepInView(element: HTMLElement): () => void {
  const place = () => {
    element.style.insetInlineStart = "";
    const over = element.getBoundingClientRect().right - document.documentElement.clientWidth;
    if (over > 0) element.style.insetInlineStart = `${-over - margin}px`;
  };
  const observer = new ResizeObserver(place);
  observer.observe(element);
  addEventListener("resize", place);
  return () => {
    observer.disconnect();
    removeEventListener("resize", place);
  };
}
