/** Whether the server has another console by now, as after an upgrade: the parts of this one are there no more. */
export async function isReplaced(): Promise<boolean> {
  const own = document.querySelector("script[type=module][src]")?.getAttribute("src");
  try {
    const answer = await fetch("/", { cache: "no-store" });
    return own !== null && own !== undefined && answer.ok && !(await answer.text()).includes(`"${own}"`);
  } catch {
    return false;
  }
}
