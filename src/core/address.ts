// Client addresses: the subject an address belongs to, and lists of networks.
// It takes any text and never throws; where the text comes from (CF-Connecting-IP only) is the gate's part.

import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** One address or CIDR of a list. */
export interface Network {
  readonly address: Address;
  /** Leading bits that an address must share; all of them for a single address. */
  readonly prefixLength: number;
}

/** Longest text of an address: a written-out, mapped IPv6 address has 45 characters, a zone some more. */
const MAX_LENGTH = 64;

/**
 * Workers of other zones all call from this address, and no other caller does, so it stands for nobody: never strike
 * or block it.
 */
const CLOUDFLARE_WORKERS = "2a06:98c0:3600::103";

/**
 * The subject of a client's address: an IPv4 address as it is (an IPv4-mapped one too), an IPv6 address as its network
 * in the text of RFC 5952, `2001:db8:1:2::/64`, since one customer owns all of it.
 *
 * @param ipv6PrefixLength bits of the network, 1 to 128.
 * @returns undefined for whatever is no address; its zone (`%eth0`) says nothing and is left out.
 */
export function addressOf(text: string | null | undefined, ipv6PrefixLength = 64): string | undefined {
  const address = parse(text);
  if (address === undefined) return undefined;
  if (address instanceof ipaddr.IPv4) return address.toString();
  return `${masked(address, ipv6PrefixLength)}/${ipv6PrefixLength}`;
}

/** Whether this is the address that all Workers of other zones share. */
export function isCloudflareWorkerAddress(text: string | null | undefined): boolean {
  return parse(text)?.toString() === CLOUDFLARE_WORKERS;
}

/**
 * Reads an address or a CIDR of either family; a mapped one is IPv4. Bits past the prefix are let be: `203.0.113.7/24`
 * is the network that address is in.
 *
 * @returns what is wrong with the text, where something is.
 */
export function parseNetwork(text: string): Network | string {
  const [written = "", prefix, ...more] = text.split("/");
  const address = parse(written);
  if (address === undefined)
    return wrong('an address or a CIDR, such as "203.0.113.7" or "2001:db8::/32"', text);
  const bits = address instanceof ipaddr.IPv4 ? 32 : 128;
  if (prefix === undefined) return { address, prefixLength: bits };
  // The prefix of a mapped address counts the 96 bits before it.
  const mappedBits = bits === 32 && written.includes(":") ? 96 : 0;
  const prefixLength = Number(prefix) - mappedBits;
  if (/^\d+$/.test(prefix) && more.length === 0 && prefixLength >= 0 && prefixLength <= bits) {
    return { address, prefixLength };
  }
  return wrong(`a prefix length from ${mappedBits} to ${mappedBits + bits}`, text);
}

/** Whether a client's address is in one of the networks; false for whatever is no address. */
export function contains(networks: readonly Network[], text: string | null | undefined): boolean {
  if (networks.length === 0) return false;
  const address = parse(text);
  if (address === undefined) return false;
  return networks.some((network) => {
    return network.address.kind() === address.kind() && address.match(network.address, network.prefixLength);
  });
}

function parse(text: string | null | undefined): Address | undefined {
  if (!text || text.length > MAX_LENGTH) return undefined;
  // IPv6 first: it is ruled out by a glance, where ruling out IPv4 throws and catches inside the library.
  if (ipaddr.IPv6.isValid(text)) return ipaddr.process(text);
  // Only the dotted form: the library would read "1", "0x7f.1" and octal octets too.
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : undefined;
}

function wrong(expected: string, text: string): string {
  return `expected ${expected}, got ${JSON.stringify(text)}`;
}

function masked(address: ipaddr.IPv6, prefixLength: number): ipaddr.IPv6 {
  return new ipaddr.IPv6(
    address.parts.map((part, index) => {
      const free = Math.min(16, Math.max(0, 16 * (index + 1) - prefixLength));
      return part & (0xffff << free);
    }),
  );
}
