import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addressOf,
  contains,
  isCloudflareWorkerAddress,
  type Network,
  parseNetwork,
} from "../../src/core/address.ts";

const garbage = [
  undefined,
  null,
  "",
  " ",
  "unknown",
  "1",
  "1.2.3",
  "1.2.3.4.5",
  "1.2.3.256",
  "1.2.3.-4",
  "01.2.3.4",
  "0x7f.0.0.1",
  "2130706433",
  " 1.2.3.4",
  "1.2.3.4:80",
  "1.2.3.4, 5.6.7.8",
  "1.2.3.4/32",
  "[::1]",
  ":::",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "::12345",
  "::ffff:1.2.3.256",
  "::g",
  ":".repeat(100_000),
  "1".repeat(100_000),
];

describe("addressOf", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["0.0.0.0", "0.0.0.0"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["::FFFF:102:304", "1.2.3.4"],
    ["0:0:0:0:0:ffff:1.2.3.4", "1.2.3.4"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"],
    ["2001:db8:0:0:1::", "2001:db8::/64"],
    ["2001:db8:0:1::1", "2001:db8:0:1::/64"],
    ["::1", "::/64"],
    ["fe80::1%eth0", "fe80::/64"],
  ])("names %s %s", (text, subject) => {
    expect(addressOf(text)).toBe(subject);
  });

  it.each([
    [128, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128"],
    [127, "2001:db8:ffff:ffff:ffff:ffff:ffff:fffe/127"],
    [56, "2001:db8:ffff:ff00::/56"],
    [48, "2001:db8:ffff::/48"],
    [33, "2001:db8:8000::/33"],
    [1, "::/1"],
  ])("names an IPv6 network of %i bits", (prefixLength, subject) => {
    expect(addressOf("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", prefixLength)).toBe(subject);
  });

  it.each(garbage)("gives nothing for %.30j", (text) => {
    expect(addressOf(text)).toBeUndefined();
  });

  it("makes one subject of all addresses of a /64", () => {
    const low = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(low, (parts) => {
        const text = ["2001", "db8", "0", "7", ...parts.map((part) => part.toString(16))].join(":");
        expect(addressOf(text)).toBe("2001:db8:0:7::/64");
      }),
    );
  });

  it("makes one subject of an IPv4 address, mapped or not", () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        expect(addressOf(text)).toBe(text);
        expect(addressOf(`::ffff:${text}`)).toBe(text);
      }),
    );
  });

  it("names each IPv6 network once, however it is written", () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const subject = addressOf(text);
        expect(addressOf(text.toUpperCase())).toBe(subject);
        expect(addressOf(subject?.replace(/\/64$/, ""))).toBe(subject);
      }),
    );
  });

  it("gives a subject or nothing for any text", () => {
    const text = fc.string({
      unit: fc.constantFrom(":", "::", ".", "0", "1", "ffff", "255", "%", "/", "x", " "),
    });
    fc.assert(
      fc.property(text, (given) => {
        expect(addressOf(given) ?? "0.0.0.0").toMatch(
          /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]+::\/64)$|^::\/64$/,
        );
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("isCloudflareWorkerAddress", () => {
  it.each([
    ["2a06:98c0:3600::103", true],
    ["2A06:98C0:3600:0:0:0:0:0103", true],
    ["2a06:98c0:3600::104", false],
    ["203.0.113.7", false],
    ["", false],
    [null, false],
  ])("says of %s: %s", (text, expected) => {
    expect(isCloudflareWorkerAddress(text)).toBe(expected);
  });
});

describe("contains", () => {
  it.each([
    ["203.0.113.7", ["203.0.113.7", "::ffff:203.0.113.7"], ["203.0.113.8", "2001:db8::1"]],
    [
      "203.0.113.0/24",
      ["203.0.113.0", "203.0.113.255", "::ffff:cb00:7101"],
      ["203.0.112.255", "203.0.114.0"],
    ],
    ["203.0.113.9/24", ["203.0.113.1"], ["203.0.114.1"]],
    ["198.51.100.0/31", ["198.51.100.1"], ["198.51.100.2"]],
    ["0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::1"]],
    ["::/0", ["::1", "ffff::"], ["203.0.113.7", "::ffff:203.0.113.7"]],
    ["2001:db8::/32", ["2001:db8::1", "2001:db8:ffff::"], ["2001:db9::"]],
    ["2001:db8::/33", ["2001:db8:7fff::"], ["2001:db8:8000::"]],
    ["2001:DB8::1", ["2001:db8::1", "2001:db8:0::0:1"], ["2001:db8::2"]],
    ["::ffff:203.0.113.0/120", ["203.0.113.200", "::ffff:203.0.113.200"], ["203.0.114.1"]],
    ["::ffff:0:0/96", ["1.2.3.4"], ["::1"]],
  ])("finds in %s what is in it", (entry, inside, outside) => {
    const networks = networksOf("192.0.2.1", entry);
    for (const address of inside) expect(contains(networks, address), address).toBe(true);
    for (const address of outside) expect(contains(networks, address), address).toBe(false);
  });

  it("finds nothing in no networks, and no garbage in all of them", () => {
    expect(contains([], "203.0.113.7")).toBe(false);
    const networks = networksOf("0.0.0.0/0", "::/0");
    for (const text of garbage) expect(contains(networks, text)).toBe(false);
  });
});

describe("parseNetwork", () => {
  const form = 'an address or a CIDR, such as "203.0.113.7" or "2001:db8::/32"';

  it.each([
    ["203.0.113.0/33", "a prefix length from 0 to 32"],
    ["2001:db8::/129", "a prefix length from 0 to 128"],
    ["::ffff:1.2.3.0/95", "a prefix length from 96 to 128"],
    ["office", form],
    ["1.2.3.4/", "a prefix length from 0 to 32"],
    ["1.2.3.4/8/8", "a prefix length from 0 to 32"],
    ["10.0/8", form],
    ["", form],
  ])("says of %j what is wrong", (text, rule) => {
    expect(parseNetwork(text)).toBe(`expected ${rule}, got ${JSON.stringify(text)}`);
  });
});

function networksOf(...texts: string[]): Network[] {
  return texts.map(parseNetwork).filter((network) => typeof network !== "string");
}
