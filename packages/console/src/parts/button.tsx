import type { ComponentChildren, JSX } from "preact";
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
