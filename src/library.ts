// The package: weir for a Hono Worker of one's own, and its objects, which that Worker must export.

export { weir } from "./app.ts";
export type { Env } from "./env.ts";
export { Directory } from "./objects/directory.ts";
export { IpGuard } from "./objects/ipguard.ts";
export { Limiter } from "./objects/limiter.ts";
