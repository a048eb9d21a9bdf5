import type { ComponentChildren, JSX } from "preact";
import { addressOf } from "../state/address.ts";
import { copy } from "../state/notice.ts";
import { prefer } from "../state/preferences.ts";
import { isAdmin } from "../state/role.ts";
import { words } from "../words/index.ts";
import { Icon, type IconName } from "./icon.tsx";

type Native = Omit<JSX.IntrinsicElements["button"], "icon" | "class">;

interface ButtonProps extends Native {
  icon?: IconName;
  /** `main`, `risk`, `bare`, `small` */
  look?: string;
  children?: ComponentChildren;
}

export function Button({ icon, look = "", children, type = "button", ...rest }: ButtonProps) {
  return (
    <button type={type} class={`btn ${look}`} {...rest}>
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that is only a drawing; `label` names it, also under the pointer. */
export function IconButton({
  icon,
  label,
  look = "",
  ...rest
}: Native & { icon: IconName; label: string; look?: string }) {
  return (
    <button type="button" class={`btn icon ${look}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}

/** The key that presses a button; it is no part of the button's name. */
export function KeyHint({ of }: { of: string }) {
  return (
    <span aria-hidden="true">
      <kbd>{of}</kbd>
    </span>
  );
}

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

/** In place of the button that exports a list: of an empty one there is no file. */
export function NothingToExport({ look }: { look?: string }) {
  return (
    <Button icon="download" disabled {...(look === undefined ? {} : { look })}>
      {words.value.events.nothingToExport}
    </Button>
  );
}

/** The way to another box, for users who may add one. */
export function AddBox() {
  if (!isAdmin.value) return null;
  return (
    <a class="btn main" href={addressOf("new-box")}>
      <Icon name="plus" />
      {words.value.pages["new-box"]}
    </a>
  );
}

/** Changes to the other language. */
export function LanguageButton() {
  const { code, otherLanguage, otherCode } = words.value;
  return (
    <button type="button" lang={otherCode} onClick={() => prefer({ language: code === "en" ? "zh" : "en" })}>
      {otherLanguage}
    </button>
  );
}
