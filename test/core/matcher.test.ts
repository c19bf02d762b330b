import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileMatcher } from "../../src/core/matcher.ts";
import { candidatePaths } from "../../src/core/path.ts";
import type { Limit, Route } from "../../src/core/policy.ts";

function limit(name: string, ...match: Route[]): Limit {
  return { name, match, per: "key", windows: [], align: "clock", cost: 1, credits: 0, mode: "enforce" };
}

/** A limit named by its route, `"POST /apply"` or `"/api/*"`. */
function routed(name: string): Limit {
  const [path = "", method] = name.split(" ").reverse();
  return limit(name, method === undefined ? { path } : { method, path });
}

function names(limits: readonly Limit[]): string[] {
  return limits.map((one) => one.name);
}

describe("compileMatcher", () => {
  it.each([
    ["/*", ["/", "/a", "/a/b/c"], []],
    ["/", ["/"], ["/a"]],
    ["/a", ["/a"], ["/", "/a/b", "/ab", "/b"]],
    ["/a/*", ["/a", "/a/b", "/a/b/c"], ["/", "/ab", "/b/a"]],
    ["/a/:id", ["/a/b", "/a/:id", "/a/a%2fb", "/a/*"], ["/a", "/a/b/c"]],
    ["/a/:id/c", ["/a/b/c", "/a/c/c"], ["/a/c", "/a/b/d", "/a/b/c/d"]],
    ["/:a/:b", ["/x/y"], ["/", "/x", "/x/y/z"]],
    ["/a/:id/*", ["/a/b", "/a/b/c/d"], ["/a"]],
    ["/café", ["/café"], ["/cafe"]],
    ["/__proto__", ["/__proto__"], ["/constructor"]],
  ])("compiles %s", (pattern, met, missed) => {
    const matcher = compileMatcher([routed(pattern)]);
    for (const path of met) expect(names(matcher.match(["GET"], [path])), path).toEqual([pattern]);
    for (const path of missed) expect(names(matcher.match(["GET"], [path])), path).toEqual([]);
  });

  it("finds every limit that matches, in the policy's order, each once", () => {
    const matcher = compileMatcher([
      limit("all", { path: "/*" }),
      limit("id", { path: "/api/:id" }, { path: "/:root/me" }),
      limit("other", { path: "/other" }),
      limit("me", { path: "/api/me" }),
      limit("post", { method: "POST", path: "/api/me" }),
    ]);
    expect(names(matcher.match(["GET"], ["/api/me"]))).toEqual(["all", "id", "me"]);
    expect(names(matcher.match(["POST"], ["/api/me"]))).toEqual(["all", "id", "me", "post"]);
    expect(names(matcher.match(["GET"], ["/api/you", "/other"]))).toEqual(["all", "id", "other"]);
  });

  it("matches a route under any of the methods", () => {
    const matcher = compileMatcher(["GET /a", "POST /a", "DELETE /a", "/a"].map(routed));
    expect(names(matcher.match(["POST", "DELETE"], ["/a"]))).toEqual(["POST /a", "DELETE /a", "/a"]);
  });

  it("takes every path of the methods as met where the readings are any", () => {
    const matcher = compileMatcher(["GET /a", "POST /b/:id", "/c/*"].map(routed));
    expect(names(matcher.match(["POST"], "any"))).toEqual(["POST /b/:id", "/c/*"]);
  });

  it("gives the same array for the same limits", () => {
    const matcher = compileMatcher(["/a/:id", "/a/*", "/b"].map(routed));
    expect(matcher.match(["GET"], ["/a/1"])).toBe(matcher.match(["POST"], ["/a/2"]));
    expect(matcher.match(["GET"], ["/a/1"])).not.toBe(matcher.match(["GET"], ["/a"]));
    expect(matcher.match(["GET"], ["/x"])).toBe(matcher.match(["GET"], ["/y"]));
  });

  it("tells more limits apart than a machine word has bits", () => {
    const matcher = compileMatcher(Array.from({ length: 100 }, (_, index) => routed(`/p${index}`)));
    for (let index = 0; index < 100; index++) {
      expect(names(matcher.match(["GET"], [`/p${index}`]))).toEqual([`/p${index}`]);
    }
  });

  it("forgets its arrays, and still answers truly, after more sets of limits than it remembers", () => {
    const patterns = Array.from({ length: 50 }, (_, index) => `/p${index}`);
    const matcher = compileMatcher(patterns.map(routed));
    const first = matcher.match(["GET"], ["/p0", "/p1"]);
    for (const one of patterns) {
      for (const other of patterns) {
        const expected = patterns.filter((path) => path === one || path === other);
        expect(names(matcher.match(["GET"], [one, other]))).toEqual(expected);
      }
    }
    expect(matcher.match(["GET"], ["/p0", "/p1"])).not.toBe(first);
  });

  it("reads no path further than the longest route", () => {
    // With both branches at each of 20 segments, a search by branches would take a million steps a path.
    const branches = Array.from(
      { length: 20 },
      (_, depth) => `${"/a".repeat(depth)}/:x${"/a".repeat(19 - depth)}/end`,
    );
    const matcher = compileMatcher(branches.map(routed));
    expect(matcher.match(["GET"], [`${"/a".repeat(20)}/end`])).toHaveLength(20);
    expect(matcher.match(["GET"], ["/a".repeat(10_000)])).toEqual([]);
  });

  const segment = fc.constantFrom("a", "b", "c", ":x", ":y");
  const pattern = fc
    .tuple(fc.array(segment, { maxLength: 4 }), fc.boolean())
    .map(([segments, open]) => `/${[...segments, ...(open ? ["*"] : [])].join("/")}`);
  const method = fc.constantFrom("GET", "POST");
  const route = fc
    .tuple(fc.option(method), pattern)
    .map(([asked, path]): Route => (asked === null ? { path } : { method: asked, path }));
  const limits = fc
    .array(fc.array(route, { minLength: 1, maxLength: 3 }), { maxLength: 8 })
    .map((all) => all.map((match, index) => limit(`l${index}`, ...match)));
  const path = fc
    .array(fc.constantFrom("a", "b", "c", "d", ":x"), { maxLength: 5 })
    .map((all) => `/${all.join("/")}`);

  function meets({ method: asked, path: wanted }: Route, methods: readonly string[], given: string): boolean {
    const source = wanted.replace(/:[^/]+/g, "[^/]+").replace(/\/\*$/, "(?:/.*)?");
    return (asked === undefined || methods.includes(asked)) && new RegExp(`^(?:${source})$`).test(given);
  }

  it("agrees with trying each route as a regular expression", () => {
    fc.assert(
      fc.property(
        limits,
        fc.uniqueArray(method),
        fc.array(path, { maxLength: 3 }),
        (policy, methods, paths) => {
          const expected = policy.filter((one) =>
            one.match.some((each) => paths.some((given) => meets(each, methods, given))),
          );
          expect(compileMatcher(policy).match(methods, paths)).toEqual(expected);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe("limits of a disguised path", () => {
  const matcher = compileMatcher(
    ["/*", "/api/*", "/api/x", "POST /api/x", "/x", "/api/v1/jobs/:id", "GET /api/v1/jobs/:id/notes"].map(
      routed,
    ),
  );
  const govern = (method: string, pathname: string) =>
    names(matcher.match([method], candidatePaths(pathname)));

  it.each([
    ["/API/x", "/api/x"],
    ["//api/x", "/api/x"],
    ["/api//x", "/api/x"],
    ["/api/x/", "/api/x"],
    ["/api/x//", "/api/x"],
    ["/%61pi/x", "/api/x"],
    ["/%2561pi/x", "/api/x"],
    ["/%25%36%31pi/x", "/api/x"],
    ["/api%2fx", "/api/x"],
    ["/api%2Fx", "/api/x"],
    ["/api%252fx", "/api/x"],
    ["/api%5cx", "/api/x"],
    ["/api\\x", "/api/x"],
    ["/api/..;/x", "/x"],
    ["/api/..;v=1/x", "/x"],
    ["/api/..%3b/x", "/x"],
    ["/api/%2e%2e/x", "/x"],
    ["/api/%2e%2e%2fx", "/x"],
    ["/api/%252e%252e/x", "/x"],
    ["/other/../api/./x", "/api/x"],
    ["/other/%2E./api/x", "/api/x"],
    ["/api;v=1/x", "/api/x"],
    ["/api/x;jsessionid=1", "/api/x"],
    ["/api/x%3bv=1", "/api/x"],
    ["/api/x%20", "/api/x"],
    ["/api/x%09", "/api/x"],
    ["/api/x%00", "/api/x"],
    ["/api/x%00.html", "/api/x"],
    ["/api/x%3fy", "/api/x"],
    ["/api/x%23y", "/api/x"],
    ["/%ef%bd%81pi/x", "/api/x"],
    ["/api%ef%bc%8fx", "/api/x"],
    ["/api/v1/jobs/A%2FB", "/api/v1/jobs/:id"],
    ["/api/v1/jobs/a%2fb/notes", "/api/v1/jobs/:id/notes"],
    ["/api/v1/jobs/a;b/notes/", "/api/v1/jobs/:id/notes"],
    ["/api/v1/jobs/%252e%252e/notes", "/api/v1/jobs/:id/notes"],
    ["/api/v1/jobs/%ff%2fx/", "/api/v1/jobs/:id"],
  ])("%s is governed by at least the limits of %s", (disguised, plain) => {
    for (const method of ["GET", "POST"]) {
      expect(govern(method, disguised)).toEqual(expect.arrayContaining(govern(method, plain)));
    }
  });
});
