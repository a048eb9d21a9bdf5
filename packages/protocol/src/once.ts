/**
 * Makes a value at the first call, and returns the same value from then on. Schemas are made this way: a function that
 * takes reports builds only the schemas of the dialects it receives, and none while it starts.
 */
export function once<Made extends object | string>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
