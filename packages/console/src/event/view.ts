import { signal } from "@preact/signals";

/** One zoom and pan for all pictures of an event: how large, and how far moved in parts of a picture's own size. */
export interface View {
  zoom: number;
  x: number;
  y: number;
}

export const whole: View = { zoom: 1, x: 0, y: 0 };
export const view = signal<View>(whole);

const most = 8;

/** Nothing is moved so far that a picture leaves its frame. */
function bounded({ zoom, x, y }: View): View {
  const size = Math.min(most, Math.max(1, zoom));
  const room = (size - 1) / 2;
  const within = (value: number) => Math.min(room, Math.max(-room, value));
  return { zoom: size, x: within(x), y: within(y) };
}

export function zoomBy(factor: number): void {
  const { zoom, x, y } = view.value;
  const by = Math.min(most, Math.max(1, zoom * factor)) / zoom;
  view.value = bounded({ zoom: zoom * by, x: x * by, y: y * by });
}

export function moveBy(x: number, y: number): void {
  view.value = bounded({ zoom: view.value.zoom, x: view.value.x + x, y: view.value.y + y });
}
