import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { home } from "../state/home.ts";
import { say } from "../state/notice.ts";
import { words } from "../words/index.ts";

/**
 * A dialogue whose script is loaded when it is opened first. If it cannot be, it reports why and closes. The next try
 * loads it.
 */
export function later<Props extends { onClose(): void }>(load: () => Promise<ComponentType<Props>>) {
  const loaded = signal<{ Shown: ComponentType<Props> } | null>(null);
  return function Later(props: Props) {
    useEffect(() => {
      if (loaded.peek() !== null) return;
      load().then(
        (Shown) => {
          loaded.value = { Shown };
        },
        () => {
          props.onClose();
          void sayWhy();
        },
      );
    }, []);
    if (loaded.value === null) return null;
    const { Shown } = loaded.value;
    return <Shown {...props} />;
  };
}

async function sayWhy(): Promise<void> {
  const { replaced, reload, offline } = words.peek().failure;
  say((await isReplaced()) ? `${replaced} · ${reload}` : offline);
}

/** Whether the server has another console by now, as after an upgrade: the parts of this one are there no more. */
export async function isReplaced(): Promise<boolean> {
  const loadedScript = document.querySelector("script[type=module][src]")?.getAttribute("src");
  try {
    const answer = await fetch(home(), { cache: "no-store" });
    return (
      loadedScript !== null &&
      loadedScript !== undefined &&
      answer.ok &&
      !(await answer.text()).includes(`"${loadedScript}"`)
    );
  } catch {
    return false;
  }
}
