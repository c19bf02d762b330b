// What a request passes through, without the operator's API and console: built for its size alone.

export { Hono } from "hono";
export { passThrough } from "../../src/gate/gate.ts";
export { IpGuard } from "../../src/objects/ipguard.ts";
export { Limiter } from "../../src/objects/limiter.ts";
export { rulesOf } from "../../src/policy/rules.ts";
