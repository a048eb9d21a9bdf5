import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

/** What is shown where there is nothing: why, and the next step. */
export function Blank({
  icon,
  title,
  why,
  children,
}: {
  icon: IconName;
  title: string;
  why?: ComponentChildren;
  children?: ComponentChildren;
}) {
  return (
    <div class="blank">
      <Icon name={icon} />
      <h2>{title}</h2>
      {why === undefined ? null : <p>{why}</p>}
      {children === undefined ? null : <span class="line">{children}</span>}
    </div>
  );
}
