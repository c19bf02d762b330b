// The Worker: its handler and its objects.

export { worker as default } from "./app.ts";
export { Directory } from "./objects/directory.ts";
export { IpGuard } from "./objects/ipguard.ts";
export { Limiter } from "./objects/limiter.ts";
