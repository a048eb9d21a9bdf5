/**
 * Makes something now, while Lambda starts the process. The returned function gives it, or throws what making it threw:
 * a function whose environment is not complete answers that to each request, and does not crash.
 */
export function madeAtOnce<Made>(make: () => Made): () => Made {
  try {
    const made = make();
    return () => made;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
