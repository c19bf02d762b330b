import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KeySource } from "../../../src/core/policy.ts";
import { identify } from "../../../src/gate/identify.ts";

const header: KeySource = { in: "header", name: "x-api-key" };
const bearer: KeySource = { in: "bearer" };
const query: KeySource = { in: "query", name: "api_key" };
const cookie: KeySource = { in: "cookie", name: "key" };
const everywhere = [header, bearer, query, cookie];

function ask(from: readonly KeySource[], headers: HeadersInit = {}, search = "") {
  return identify({ headers: new Headers(headers), url: `https://api.example.com/x${search}` }, from);
}

function key(text: string) {
  return { kind: "key", key: text };
}

function malformed(problem: string) {
  return { kind: "malformed", problem };
}

const form = "expected 1 to 512 visible ASCII characters without blank or comma";

describe("identify", () => {
  it.each<[string, KeySource, HeadersInit, string]>([
    ["a header", header, { "X-API-Key": "k1" }, ""],
    ["a header with blanks around it", header, { "x-api-key": "  k1  " }, ""],
    ["a header with underscores", header, { x_api_key: "k1" }, ""],
    ["a header in two spellings", header, { x_api_key: "k1", "x-api-key": "k1", "x_api-key": "" }, ""],
    ["a bearer token", bearer, { authorization: "Bearer k1" }, ""],
    ["a bearer token, whatever the scheme's case", bearer, { authorization: "bEARER k1" }, ""],
    ["a bearer token after more blanks", bearer, { authorization: "Bearer \t k1" }, ""],
    ["the query", query, {}, "?a=b&api_key=k1&c"],
    ["the query, percent-encoded", query, {}, "?api%5Fkey=%6B1#api_key=k2"],
    ["the query, whatever the name's case", query, {}, "?API_key=k1"],
    ["the query, as PHP spells the name", query, {}, "?%20api.key=k1"],
    ["the query, behind a semicolon", query, {}, "?a=b;api_key=k1"],
    ["the query, a semicolon in another value", query, {}, "?a=b;c&api_key=k1&d=;"],
    ["a cookie", cookie, { cookie: "a=b; key=k1;c=d" }, ""],
    ["a cookie, quoted and percent-encoded", cookie, { cookie: 'key="%6b1"' }, ""],
    ["a cookie, whatever the name's case", cookie, { cookie: "xkey=k2; Key=k1; key2=k3; key" }, ""],
    ["a cookie, as PHP spells the name", { in: "cookie", name: "api.key" }, { cookie: "api_key=k1" }, ""],
    ["a second Cookie header, joined by a comma", cookie, { cookie: "a=b, key=k1" }, ""],
  ])("reads the key from %s", (_, source, headers, search) => {
    expect(ask([source], headers, search)).toEqual(key("k1"));
  });

  it.each<[string, HeadersInit, string]>([
    ["nothing", {}, ""],
    ["an empty header", { "x-api-key": "" }, ""],
    ["a blank header", { "x-api-key": "  " }, ""],
    ["another scheme", { authorization: "Basic dTpw" }, ""],
    ["another scheme with a comma", { authorization: 'Digest username="u", realm="r"' }, ""],
    ["a scheme alone", { authorization: "Bearer" }, ""],
    ["an empty parameter", {}, "?api_key=&other=k1"],
  ])("finds no key in %s", (_, headers, search) => {
    expect(ask(everywhere, headers, search)).toEqual({ kind: "none" });
  });

  it("takes an empty cookie for none, quoted or not, and other cookies", () => {
    expect(ask([cookie], { cookie: "key=" })).toEqual({ kind: "none" });
    expect(ask([cookie], { cookie: 'key=""' })).toEqual({ kind: "none" });
    expect(ask([cookie], { cookie: "xkey=k1; key2=k1; key" })).toEqual({ kind: "none" });
  });

  it("reads the configured sources only", () => {
    expect(ask([query], { "x-api-key": "k1", authorization: "Bearer k2", cookie: "key=k3" })).toEqual({
      kind: "none",
    });
    expect(ask([], { "x-api-key": "k1" }, "?api_key=k2")).toEqual({ kind: "none" });
  });

  it("passes over an empty source", () => {
    expect(ask(everywhere, { "x-api-key": "", authorization: "Bearer k1" })).toEqual(key("k1"));
  });

  it("takes the same key in two sources for one", () => {
    expect(ask(everywhere, { "x-api-key": "k1", cookie: "key=k1" }, "?api_key=k1")).toEqual(key("k1"));
  });

  it.each<[string, HeadersInit, string]>([
    ["header and bearer", { "x-api-key": "k1", authorization: "Bearer k2" }, ""],
    ["header and query", { "x-api-key": "k1" }, "?api_key=k2"],
    ["query and cookie", { cookie: "key=k1" }, "?api_key=K1"],
  ])("finds two different keys in %s malformed", (_, headers, search) => {
    expect(ask(everywhere, headers, search)).toEqual(malformed("two different keys"));
  });

  it("finds a malformed key beside a good one malformed", () => {
    expect(ask(everywhere, { "x-api-key": "k1", authorization: "Bearer a b" }).kind).toBe("malformed");
  });

  it("takes keys of 512 characters and finds longer ones malformed", () => {
    expect(ask([header], { "x-api-key": "k".repeat(512) })).toEqual(key("k".repeat(512)));
    expect(ask([header], { "x-api-key": "k".repeat(513) })).toEqual(malformed(`header x-api-key: ${form}`));
    expect(ask([header], { "x-api-key": "k".repeat(10_240) })).toEqual(
      malformed(`header x-api-key: ${form}`),
    );
  });

  it.each<[string, HeadersInit, string, string]>([
    [
      "a doubled header",
      [
        ["x-api-key", "k1"],
        ["x-api-key", "k1"],
      ],
      "",
      `header x-api-key: ${form}`,
    ],
    [
      "a doubled empty header",
      [
        ["x-api-key", ""],
        ["x-api-key", ""],
      ],
      "",
      `header x-api-key: ${form}`,
    ],
    ["a blank inside", { "x-api-key": "a b" }, "", `header x-api-key: ${form}`],
    ["a letter past ASCII", { "x-api-key": "k\u00e9" }, "", `header x-api-key: ${form}`],
    ["two bearer tokens", { authorization: "Bearer a b" }, "", `header authorization: ${form}`],
    [
      "two bearer headers",
      [
        ["authorization", "Bearer a"],
        ["authorization", "Bearer b"],
      ],
      "",
      `header authorization: ${form}`,
    ],
    [
      "a bearer header behind another scheme's",
      [
        ["authorization", "Basic dTpw"],
        ["authorization", "Bearer k1"],
      ],
      "",
      'header authorization: expected "Bearer" and one key',
    ],
    [
      "a scheme that only begins as Bearer",
      { authorization: "Bearer:k1" },
      "",
      'header authorization: expected "Bearer" and one key',
    ],
    ["a doubled parameter", {}, "?api_key=k1&api_key=k1", "query parameter api_key: sent more than once"],
    [
      "a doubled parameter, one empty",
      {},
      "?api_key=&api_key=k1",
      "query parameter api_key: sent more than once",
    ],
    [
      "a doubled parameter in another case",
      {},
      "?api_key=k1&API_KEY=k2",
      "query parameter api_key: sent more than once",
    ],
    ["a parameter with CR and LF", {}, "?api_key=k1%0D%0Aset-cookie:a", `query parameter api_key: ${form}`],
    ["a parameter with a plus", {}, "?api_key=a+b", `query parameter api_key: ${form}`],
    ["a parameter of broken UTF-8", {}, "?api_key=%ff", `query parameter api_key: ${form}`],
    ["a doubled cookie", { cookie: "key=k1; key=k2" }, "", "cookie key: sent more than once"],
    [
      "a cookie doubled over two headers",
      { cookie: "key=k1, key=k2" },
      "",
      "cookie key: sent more than once",
    ],
    ["a cookie past ASCII", { cookie: "key=%C3%A9" }, "", `cookie key: ${form}`],
    ["a cookie with a comma", { cookie: "key=k1,k2" }, "", `cookie key: ${form}`],
  ])("finds %s malformed", (_, headers, search, problem) => {
    expect(ask(everywhere, headers, search)).toEqual(malformed(problem));
  });

  it.each(["x_api_key", "x-api_key", "x_api-key"])(
    "finds another key in %s, which CGI and WSGI take for x-api-key, malformed",
    (spelling) => {
      expect(ask([header], { "x-api-key": "fresh", [spelling]: "k1" })).toEqual(
        malformed("header x-api-key: sent more than once"),
      );
    },
  );

  it.each([
    "api_key=fresh&api.key=k1",
    "api_key=fresh&api%20key=k1",
    "api_key=fresh&api+key=k1",
    "api_key=fresh&api[key=k1",
    "api_key=fresh&+api_key=k1",
    "api_key=fresh&api_key%00x=k1",
    "x=1;api_key=k1&api_key=fresh",
    "api_key=fresh;api_key=k1",
    "api_key=k1;fresh",
    "api_key=;fresh",
  ])("finds ?%s, which PHP or Rack 2 may read as another key, malformed", (search) => {
    expect(ask([query], {}, `?${search}`)).toEqual(malformed("query parameter api_key: sent more than once"));
  });

  it.each(["api.key", "api key", "api[key", "API_KEY", "api%5Fkey", "api_key%00x", "%20api_key"])(
    "finds another key in the cookie %s, which PHP, Rack or ASP.NET may take for api_key, malformed",
    (name) => {
      expect(ask([{ in: "cookie", name: "api_key" }], { cookie: `${name}=k1; api_key=fresh` })).toEqual(
        malformed("cookie api_key: sent more than once"),
      );
    },
  );

  it("leaves a cookie that cannot be decoded as it came", () => {
    expect(ask([cookie], { cookie: "key=k%zz" })).toEqual(key("k%zz"));
  });

  it("makes one key of every percent-encoding of it", () => {
    const text = fc.stringMatching(/^[!#-+\--~]{1,40}$/);
    fc.assert(
      fc.property(text, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (secret, choices) => {
        const encoded = [...secret].map((one, index) =>
          choices[index] ? `%${one.charCodeAt(0).toString(16)}` : encodeURIComponent(one),
        );
        expect(ask([query], {}, `?api_key=${encoded.join("")}`)).toEqual(key(secret));
        expect(ask([cookie], { cookie: `key=${encoded.join("")}` })).toEqual(key(secret));
      }),
    );
  });

  it("accepts printable keys only, and repeats nothing of a malformed one", () => {
    const value = fc.string({ unit: fc.constantFrom(...'aZ09 ,;="%&#\t~é'), minLength: 1 });
    fc.assert(
      fc.property(value, value, (one, two) => {
        const secret = `s3cr3t${one}`;
        const identity = ask(
          everywhere,
          { "x-api-key": secret, authorization: `Bearer ${two}`, cookie: `key=${two}` },
          `?api_key=${two}`,
        );
        if (identity.kind === "key") expect(identity.key).toMatch(/^[\x21-\x7e]{1,512}$/);
        else expect(JSON.stringify(identity)).not.toContain("s3cr3t");
      }),
    );
  });
});
