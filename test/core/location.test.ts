import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Location, locate, mayLeadTo } from "../../src/core/location.ts";
import { candidatePaths } from "../../src/core/path.ts";

/** What a URL parser says; host and target are written its way. */
function parsed(url: string): Location | undefined {
  const read = URL.parse(url);
  return read === null
    ? undefined
    : {
        url,
        scheme: read.protocol.slice(0, -1),
        host: read.host,
        target: read.pathname + read.search,
        paths: candidatePaths(read.pathname),
      };
}

describe("locate", () => {
  it.each([
    ["https://api.example.com/API/x?a=/b", ["/api/x"]],
    ["https://api.example.com", ["/"]],
    ["http://localhost\\admin/x", ["/admin/x"]],
    ["http://localhost\\admin\\x/y?z", ["/admin/x/y"]],
  ])("reads the path of %s as URL parsers do", (url, paths) => {
    expect(locate(url)?.paths).toEqual(paths);
  });

  it.each([
    ["https://api.example.com/API/x.json?a=/b&c", "https", "api.example.com", "/API/x.json?a=/b&c"],
    ["http://localhost:8787/", "http", "localhost:8787", "/"],
    ["http://[2001:db8::1]:8787/x", "http", "[2001:db8::1]:8787", "/x"],
    ["https://user:secret@api.example.com/x", "https", "api.example.com", "/x"],
    ["https://api.example.com/a/../../x/%2e%2e/y", "https", "api.example.com", "/y"],
    ["https://api.example.com//evil.example/x", "https", "api.example.com", "//evil.example/x"],
    ["https://api.example.com/x?a=b c#d", "https", "api.example.com", "/x?a=b%20c"],
    ["https://api.example.com/x#?a", "https", "api.example.com", "/x"],
    ["https://api.example.com/x?", "https", "api.example.com", "/x"],
  ])("reads %s", (url, scheme, host, target) => {
    expect(locate(url)).toMatchObject({ scheme, host, target });
  });

  it.each([
    "",
    "/x",
    "https://",
    "https://a b/x",
    "https://a:b/x",
    "https://a<b/x",
    "https://[::1/x",
    "https://a:65536/x",
    "https://1.2.3.4.5/x",
  ])("finds no place in %j", (url) => {
    expect(locate(url)).toBeUndefined();
  });

  const piece = fc.constantFrom(
    ...["/", "//", ".", "..", "/.", "/../", "%2e", "%2E%2e", "%2f", "%41", "%zz", "%", "\\", ";", ":", "@"],
    ...["a", "B", "z9", "-", "_", "~", "!", "$", "*", "+", "(", ")", ",", "=", "&", "'", '"', "<", "|", "{"],
    ...[" ", "\t", "\n", "é", "ａ", "\0", "?", "#"],
  );
  const rest = fc
    .tuple(fc.constantFrom("", "/", "?", "#", "\\"), fc.array(piece, { maxLength: 8 }))
    .map(([first, pieces]) => first + pieces.join(""));
  const plainPath = fc
    .array(fc.stringMatching(/^[A-Za-z0-9._~-]{1,6}$/), { minLength: 1, maxLength: 4 })
    .map((segments) => `/${segments.join("/")}`);
  const query = fc.oneof(
    fc.constantFrom("", "?", "?a=b", "?a=b?c", "?A=%41&b=%zz"),
    fc.string().map((text) => `?${text}`),
  );
  const plain = fc.tuple(plainPath, query).map(([path, query]) => path + query);
  const scheme = fc.constantFrom("http", "https");
  const host = fc.constantFrom(
    "api.example.com",
    "localhost",
    "a",
    "192.0.2.1",
    "[2001:db8::1]",
    "xn--caf-dma.example",
  );
  const port = fc.constantFrom("", ":1", ":8787", ":65535");
  const oddHost = fc.oneof(
    fc.constantFrom(
      ...[
        "API.Example.COM",
        "a..b",
        ".",
        "-",
        "1.2.3",
        "0x7f.1",
        "256.256.256.256",
        "1.2.3.4.5",
        "a.0x",
        "a.1.",
      ],
      ...["CAFÉ.example", "a%2eb", "user:secret@a", "a:80", "a:443", "a:0080", "a:65536", "a:", "a:b", ""],
    ),
    fc.string({ unit: fc.constantFrom(..."aZx01258.-:"), maxLength: 12 }),
  );

  it("says what a URL parser says", () => {
    const urls = fc
      .tuple(scheme, host, port, fc.oneof(plain, rest))
      .map(([scheme, host, port, rest]) => `${scheme}://${host}${port}${rest}`);
    fc.assert(
      fc.property(urls, (url) => {
        expect(locate(url)).toEqual(parsed(url));
      }),
      { numRuns: 5_000 },
    );
  });

  it("says the same whatever the host, more of them than it remembers", () => {
    const urls = fc
      .tuple(fc.constantFrom("http", "https", "HTTP", "Https"), oddHost, fc.oneof(plain, rest))
      .map(([scheme, host, rest]) => `${scheme}://${host}${rest}`);
    fc.assert(
      fc.property(urls, (url) => {
        expect(locate(url)).toEqual(parsed(url));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("mayLeadTo", () => {
  it.each([
    ["https://api.example.com/_weir", true],
    ["https://api.example.com/_WEIR/keys?a", true],
    ["https://api.example.com/x/..//%5fweir;a/keys", true],
    ["https://api.example.com/_weirdo", false],
    ["https://api.example.com/x?/_weir/keys", false],
    [`https://api.example.com/_Weir/keys/%${"25".repeat(40)}61`, true],
    [`https://api.example.com/x/%${"25".repeat(40)}61`, false],
  ])("of %s to weir's own path: %s", (url, may) => {
    const location = locate(url);
    expect(location && mayLeadTo(location, "/_weir")).toBe(may);
  });
});
