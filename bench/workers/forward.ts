// The way to the origin, the same for every Worker that weir is compared with. Adds nothing to the request.

/** Asks the origin, as a Worker that limits nothing would. */
export function forward(request: Request, origin: string): Promise<Response> {
  const pathAndQuery = request.url.replace(/^[^/]*\/\/[^/]*/, "");
  return fetch(new Request(origin + pathAndQuery, request), { redirect: "manual" });
}

/** The key of a request. */
export function keyOf(request: Request): string {
  return request.headers.get("x-api-key") ?? "";
}
