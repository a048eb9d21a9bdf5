/**
 * Makes something when it is first asked for, and gives the same from then on. Schemas are made so: a function that takes
 * reports builds those of the dialect that comes, and not of all dialects while it starts.
 */
export function once<Made extends object | string>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
