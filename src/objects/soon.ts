// Values that may be there already, or only soon. Who waits for what is there gives others the turn, and makes a promise.

/** Goes on with a value: at once, where it is there. */
export function upon<Value, Next>(
  value: Value | Promise<Value>,
  next: (value: Value) => Next | Promise<Next>,
): Next | Promise<Next> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** All of the values: at once, where all are there. */
export function all<Value>(values: readonly (Value | Promise<Value>)[]): readonly Value[] | Promise<Value[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as Value[]);
}
