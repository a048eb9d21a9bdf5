import type { ComponentChildren } from "preact";

/** The heading of a page: its name, its notices, and its buttons. */
export function Head({
  title,
  say,
  children,
}: {
  title: string;
  say?: ComponentChildren;
  children?: ComponentChildren;
}) {
  return (
    <header class="head">
      <h1>{title}</h1>
      {say === undefined ? null : (
        <span class="say" role="status">
          {say}
        </span>
      )}
      {children}
    </header>
  );
}
