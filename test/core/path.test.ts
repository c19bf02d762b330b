import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { candidatePaths } from "../../src/core/path.ts";

describe("candidatePaths", () => {
  it.each([
    "/",
    "/apply",
    "/api/v1/jobs/42",
    "/a.b/~c/d_e-f",
    "/v1/models:list",
    "/@me/a+b=c,d",
    "/..a/b../.c/...",
  ])("reads a plain path in one way: %s", (path) => {
    expect(candidatePaths(path)).toEqual([path]);
  });

  it.each([
    ["/API/X", ["/api/x"]],
    ["", ["/"]],
    ["//", ["/"]],
    ["api/x", ["/api/x"]],
    ["/api/x/", ["/api/x"]],
    ["/api/x///", ["/api/x"]],
    ["//api//x", ["/api/x"]],
    ["/%61pi/x", ["/%61pi/x", "/api/x"]],
    ["/%2561pi/x", ["/%2561pi/x", "/%61pi/x", "/api/x"]],
    ["/api%2fx", ["/api%2fx", "/api/x"]],
    ["/api%252Fx", ["/api%252fx", "/api%2fx", "/api/x"]],
    ["/%61pi%2fx", ["/%61pi%2fx", "/api/x", "/api%2fx"]],
    ["/api\\x", ["/api\\x", "/api/x"]],
    ["/api%5cx", ["/api%5cx", "/api\\x", "/api/x"]],
    ["/api;v=1/x;w", ["/api;v=1/x;w", "/api/x"]],
    ["/api/./x", ["/api/./x", "/api/x"]],
    ["/api/../x", ["/api/../x", "/x"]],
    ["/../../x", ["/../../x", "/x"]],
    ["/api/%2e%2e/x", ["/api/%2e%2e/x", "/api/../x", "/x"]],
    ["/api/..;/x", ["/api/..;/x", "/api/../x", "/x"]],
    ["/api/v1//../x", ["/api/v1/../x", "/api/x", "/api/v1/x"]],
    ["/api/x%00.json", ["/api/x%00.json", "/api/x\0.json", "/api/x", "/api/x.json"]],
    ["/api/x%3fy", ["/api/x%3fy", "/api/x?y", "/api/x"]],
    ["/api/x%23y", ["/api/x%23y", "/api/x#y", "/api/x"]],
    ["/api/x%20", ["/api/x%20", "/api/x ", "/api/x"]],
    ["/ａｐｉ", ["/ａｐｉ", "/api"]],
    ["/%EF%BD%81pi", ["/%ef%bd%81pi", "/ａpi", "/api"]],
    ["/caf%C3%89", ["/caf%c3%89", "/café"]],
    ["/CAFÉ", ["/café"]],
  ])("reads %j as %j", (pathname, readings) => {
    expect(new Set(candidatePaths(pathname))).toEqual(new Set(readings));
  });

  it("keeps an encoded slash inside its segment as one of the readings", () => {
    expect(candidatePaths("/api/v1/jobs/A%2Fb")).toEqual(["/api/v1/jobs/a%2fb", "/api/v1/jobs/a/b"]);
  });

  it.each(["%", "%4", "%zz", "%ff", "%c0%af", "%e0%80%af", "%ed%a0%80", "%f5%80%80%80", "%c3", "%e2%82"])(
    "leaves malformed %s as it stands and decodes what is around it",
    (malformed) => {
      expect(candidatePaths(`/${malformed}/%61`)).toEqual([`/${malformed}/%61`, `/${malformed}/a`]);
    },
  );

  it("decodes every character UTF-8 can write", () => {
    const character = fc.string({ unit: "binary", minLength: 1, maxLength: 1 });
    fc.assert(
      fc.property(character, (one) => {
        const readings = candidatePaths(`/x${encodeURIComponent(one)}`);
        expect(readings).toContain(one === "/" || one === "\\" ? "/x" : `/x${one.toLowerCase()}`);
      }),
    );
  });

  it("reads a path with an encoded URL in it, encoded again", () => {
    const url = encodeURIComponent(encodeURIComponent("https://example.com/a;b?c=d&e=%20#f"));
    expect(candidatePaths(`/proxy/${url}`)).toContain("/proxy/https:/example.com/a;b");
  });

  it("gives up on a path with more readings than it follows", () => {
    expect(candidatePaths("/a;b/..;/c%2fd%5ce/%252e%252e//%2561%3fg%20/%e3%80%80x/%ef%bd%81/")).toBe("any");
    expect(candidatePaths(`/%${"25".repeat(40)}61`)).toBe("any");
  });

  it("gives up on a long path with many readings, and reads a long one with few", () => {
    expect(candidatePaths(`/%252561${"a".repeat(20_000)}`)).toBe("any");
    expect(candidatePaths(`/%61${"a".repeat(20_000)}`)).toEqual([
      `/%61${"a".repeat(20_000)}`,
      `/a${"a".repeat(20_000)}`,
    ]);
  });

  const piece = fc.constantFrom(
    "a",
    "B",
    "/",
    "//",
    ".",
    "..",
    ";",
    "%",
    "%2",
    "%2f",
    "%2e",
    "%25",
    "%5c",
    "\\",
    "%00",
  );
  const rough = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .array(fc.oneof(piece, fc.constantFrom("%3b", "%3f", "%20", "é", "／", "%ff", "%c3%a9", "?", " ")))
      .map((all) => all.join("")),
  );

  it("gives canonical readings only, each once and few of them, and never throws", () => {
    fc.assert(
      fc.property(rough, (pathname) => {
        const readings = candidatePaths(pathname);
        if (readings === "any") return;
        expect(readings.length).toBeGreaterThan(0);
        expect(readings.length).toBeLessThanOrEqual(32);
        expect(new Set(readings).size).toBe(readings.length);
        for (const reading of readings) expect(reading).toMatch(/^\/(?:[^/]+(?:\/[^/]+)*)?$/s);
        for (const reading of readings) expect(reading).toBe(reading.toLowerCase());
      }),
    );
  });

  const plain = fc
    .array(fc.stringMatching(/^[a-z0-9_-]{1,6}$/), { minLength: 1, maxLength: 4 })
    .map((segments) => `/${segments.join("/")}`);
  const at = (path: string, seed: number) => seed % path.length;
  const atSlash = (path: string, insert: string, seed: number) => {
    const slashes = [...path.matchAll(/\//g)].map((match) => match.index);
    const index = slashes[seed % slashes.length] ?? 0;
    return path.slice(0, index) + insert + path.slice(index);
  };
  const encodeAt = (path: string, index: number) => {
    const code = path.charCodeAt(index);
    if (!(code <= 0x7f)) return path;
    return `${path.slice(0, index)}%${code.toString(16).padStart(2, "0")}${path.slice(index + 1)}`;
  };
  const tricks: Record<string, (path: string, seed: number) => string> = {
    "an encoded character": (path, seed) => encodeAt(path, at(path, seed)),
    "an encoded slash": (path) => encodeAt(path, path.lastIndexOf("/")),
    "upper case": (path) => path.toUpperCase(),
    "a doubled slash": (path, seed) => atSlash(path, "/", seed),
    "a trailing slash": (path) => `${path}/`,
    "a parameter": (path) => `${path};v=1`,
    "an inner parameter": (path, seed) => atSlash(path, ";v", seed),
    "a way there and back": (path, seed) => atSlash(path, "/zz/..", seed),
    "a way there and back, with a parameter": (path, seed) => atSlash(path, "/zz/..;x", seed),
    "a way there and back, encoded": (path, seed) => atSlash(path, "/zz/%2e%2E", seed),
    "a dot segment": (path, seed) => atSlash(path, "/.", seed),
    backslashes: (path) => path.replaceAll("/", "\\"),
    "a NUL": (path) => `${path}%00`,
    "an encoded query": (path) => `${path}%3fx`,
    "a blank": (path) => `${path}%20`,
    "full-width letters": (path) => path.replace("a", "ａ"),
  };

  it.each(Object.entries(tricks))("sees through %s", (_, disguise) => {
    fc.assert(
      fc.property(plain, fc.nat(), (path, seed) => {
        expect(candidatePaths(disguise(path, seed))).toContain(path);
      }),
    );
  });

  it("sees through tricks upon tricks", () => {
    const pick = fc.tuple(fc.constantFrom(...Object.values(tricks)), fc.nat());
    fc.assert(
      fc.property(plain, fc.array(pick, { maxLength: 4 }), (path, picks) => {
        const disguised = picks.reduce((all, [disguise, seed]) => disguise(all, seed), path);
        const readings = candidatePaths(disguised);
        if (readings !== "any") expect(readings).toContain(path);
      }),
      { numRuns: 2_000 },
    );
  });
});
