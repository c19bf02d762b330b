// A memory of what can be made again, bounded so that what it costs is known beforehand.

/**
 * A map that forgets everything rather than hold more than so many entries: what is asked for again is made again. That
 * takes less of each request than to know which entry is the oldest.
 */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #most: number;

  /** @param most entries that it may hold; at least 1. */
  constructor(most: number) {
    super();
    this.#most = most;
  }

  override set(key: Key, value: Value): this {
    if (this.size >= this.#most && !this.has(key)) this.clear();
    return super.set(key, value);
  }

  /** The value of a key, made of it and kept where there is none. */
  getOrMake(key: Key, make: (key: Key) => Value): Value {
    const known = this.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    this.set(key, made);
    return made;
  }
}
