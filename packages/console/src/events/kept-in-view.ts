/** Px that stay free beside what is kept in view. */
const margin = 8;

/**
 * Moves what has opened at its button to the left, as far as it would stand out of the page on the right: also when its
 * content comes later, and when the window becomes narrower. Gives the function that ends it.
 */
export function keepInView(element: HTMLElement): () => void {
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
