/** What a store gives back of what it was given: JSON. */
export function asStored<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value));
}
