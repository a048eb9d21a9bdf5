/**
 * Makes something now, while Lambda starts the process. The returned function returns it, or throws the error of making
 * it: so a function whose environment is incomplete answers with that error and does not crash.
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
