import { go, query } from "../state/route.ts";

/** Opens screen mode with the filter of the wall. */
export function openScreen(): void {
  const { view: _, ...filter } = query.peek();
  go("screen", null, filter);
}

/** Back to Live, with the same filter. */
export function leaveScreen(): void {
  const { screen: _, size: __, theme: ___, ...filter } = query.peek();
  go("live", null, filter);
}
