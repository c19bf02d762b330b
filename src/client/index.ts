// weir/client: the other side of the limit. Web standards only: Node, browsers, Workers, Deno, Bun.

export { QueueFullError, RateLimitError } from "./errors.ts";
export type { PaceEvents } from "./events.ts";
export type { QueueOptions } from "./line.ts";
export type { Usage } from "./meter.ts";
export { type PacedFetch, type PaceOptions, paceFetch } from "./pace.ts";
export type { RetryOptions } from "./retry.ts";
