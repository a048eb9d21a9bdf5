type Fields = { readonly [name: string]: unknown };

/**
 * The pattern with one member left in each list and one branch in each $or, in every way. A list takes what any of its
 * members takes, so the pattern matches exactly when one of these does.
 */
export function* narrowings(pattern: Fields): Generator<Fields> {
  yield* fields(Object.entries(pattern));
}

function* fields(entries: readonly (readonly [string, unknown])[]): Generator<Fields> {
  const [first, ...others] = entries;
  if (!first) {
    yield {};
    return;
  }
  const [name, value] = first;
  for (const narrowed of values(name, value)) {
    for (const rest of fields(others)) yield { ...Object.fromEntries([[name, narrowed]]), ...rest };
  }
}

function* values(name: string, value: unknown): Generator<unknown> {
  if (!Array.isArray(value)) {
    yield* fields(Object.entries(value ?? {}));
    return;
  }
  for (const member of value) {
    if (name !== "$or") yield [member];
    else for (const branch of fields(Object.entries(member))) yield [branch, branch];
  }
}
