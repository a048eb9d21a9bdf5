/** A text of a box: its letters may run either way, and what is cut by the width is whole in the description. */
export function BoxText({ text, class: name }: { text: string; class?: string }) {
  return (
    <bdi class={name} title={text}>
      {text}
    </bdi>
  );
}
