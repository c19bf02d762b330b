// The events of a paced fetch.

import type { Usage } from "./meter.ts";

/** What listeners are told, by the event's name. */
export interface PaceEvents {
  /** Calls wait because a window is full or the server said so; once for each wait. */
  waiting: {
    /** Calls that wait. */
    readonly calls: number;
    /** When sending goes on, by the local clock. */
    readonly until: Date;
    /** The window that is full; absent where the server named none. */
    readonly limit?: Usage;
  };
  /** A call was refused (429) or met an overloaded server (503) and will be sent again. */
  retry: {
    readonly method: string;
    readonly url: string;
    readonly status: number;
    /** 1 for the first retry of a call. */
    readonly retry: number;
    readonly waitMs: number;
  };
  /** Less than a tenth of a window is left; once a period. */
  low: Usage;
}

type Listener<Name extends keyof PaceEvents> = (event: PaceEvents[Name]) => void;

/** Listeners by event. They run after the code that emits, so that what they do or throw cannot disturb the pacing. */
export class Emitter {
  readonly #listeners: { readonly [Name in keyof PaceEvents]: Set<Listener<Name>> } = {
    waiting: new Set(),
    retry: new Set(),
    low: new Set(),
  };

  /** @returns a function that stops listening. */
  on<Name extends keyof PaceEvents>(name: Name, listener: Listener<Name>): () => void {
    const listeners: Set<Listener<Name>> = this.#listeners[name];
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  emit<Name extends keyof PaceEvents>(name: Name, event: PaceEvents[Name]): void {
    const listeners: Set<Listener<Name>> = this.#listeners[name];
    for (const listener of listeners) queueMicrotask(() => listener(event));
  }
}
