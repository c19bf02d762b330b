// Hostile requests, byte by byte. Each is determined by its seed and number alone.

import { Dice } from "../random.ts";
import { addresses, CANARY, secrets } from "./scene.ts";
import * as tricks from "./tricks.ts";

/** What goes over the wire. */
export interface Hostile {
  readonly method: string;
  readonly head: string;
  readonly body: Buffer;
  /** What its headers say of the body's length may not be so. */
  readonly isLying: boolean;
}

interface Framed {
  readonly lines: readonly string[];
  readonly body: Buffer;
}

/** The hostile request of a number. */
export function hostile(seed: number, number: number): Hostile {
  const dice = new Dice(Math.imul(seed, 0x9e3779b1) + number);
  // Some ask nothing odd: limits must fill, or none could be passed.
  if (dice.chance(0.3)) return plain(dice);
  const method = dice.pick(tricks.methods);
  const content = dice.chance(method === "POST" ? 0.9 : 0.15) ? contentOf(dice) : Buffer.alloc(0);
  const isLying = content.length > 0 && dice.chance(0.1);
  const { lines, body } = isLying ? lied(dice, content) : framed(dice, content);
  const headers = [
    `host: ${dice.pick(tricks.hosts)}`,
    `cf-connecting-ip: ${dice.pick(addresses)}`,
    ...Array.from({ length: dice.pick([0, 1, 1, 1, 1, 1, 1, 1, 1, 3]) }, () => keyOf(dice)),
    ...Array.from({ length: dice.below(5) }, () => noiseOf(dice)),
    ...lines,
  ];
  const head = `${method} ${pathOf(dice)} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`;
  return { method, head, body, isLying };
}

function plain(dice: Dice): Hostile {
  const lines = [
    `GET ${dice.pick(["/", "/api/x"])} HTTP/1.1`,
    "host: weir.example",
    `cf-connecting-ip: ${dice.pick(addresses)}`,
    `x-api-key: ${dice.chance(0.9) ? dice.pick(secrets.keys) : `made-up-${dice.below(1_000_000)}`}`,
  ];
  return { method: "GET", head: `${lines.join("\r\n")}\r\n\r\n`, body: Buffer.alloc(0), isLying: false };
}

function textOf(dice: Dice): string {
  if (dice.chance(0.4)) return dice.below(2 ** 32).toString(36);
  return dice.pick(tricks.texts).repeat(dice.chance(0.05) ? 1_000 : 1);
}

function pathOf(dice: Dice): string {
  let path = dice.pick(tricks.paths);
  for (let times = dice.below(4); times > 0; times -= 1) {
    const at = dice.below(path.length + 1);
    path = path.slice(0, at) + dice.pick(tricks.pathTricks) + path.slice(at + dice.below(2));
  }
  if (dice.chance(0.05)) path += `/${textOf(dice)}`;
  if (dice.chance(0.1))
    path += `?api_key=${dice.pick([...secrets.keys, encodeURIComponent(textOf(dice)), ""])}`;
  if (dice.chance(0.05)) path += `&api_key=${textOf(dice)}`;
  if (dice.chance(0.02)) return dice.pick([`http://evil.example${path}`, "*", "", `/${"a/".repeat(5_000)}`]);
  // Nothing that ends the request's line: that would be another request, not a hostile path.
  return path.replace(/[\0\r\n\t ]/g, "");
}

function keyOf(dice: Dice): string {
  const key = dice.chance(0.6)
    ? dice.pick(secrets.keys)
    : dice.chance(0.5)
      ? `made-up-${dice.below(1_000_000)}`
      : textOf(dice);
  return dice.pick([
    `x-api-key: ${key}`,
    `x-api-key: ${key}`,
    `X-API-KEY:${key} `,
    `authorization: Bearer ${key}`,
    `authorization: bearer  ${key}`,
    `authorization: Bearer ${key}, Bearer y`,
    `authorization: ${dice.pick(["Basic ", ""])}${key}`,
    `cookie: session=${key}`,
    `cookie: a=b; session="${key}"`,
    `cookie: session=${key}; session=x`,
  ]);
}

function noiseOf(dice: Dice): string {
  const text = textOf(dice);
  return dice.pick([
    () => `${dice.pick(tricks.forged)}: ${dice.pick(["spoofed", "spoofed, 192.0.2.200", text])}`,
    () => `${dice.pick(tricks.forged)}: spoofed`,
    () => `${dice.pick(tricks.overrides)}: ${dice.pick(["GET", "DELETE", "OPTIONS", text])}`,
    () => `origin: ${dice.pick(["https://app.example", "https://evil.example", "null", text])}`,
    () => `access-control-request-method: ${dice.pick(["GET", "POST", text])}`,
    () => `connection: ${dice.pick(["x-api-key", "x-weir-secret, close", "keep-alive", "upgrade"])}`,
    () => `upgrade: ${dice.pick(["websocket", "h2c", text])}`,
    () => `accept: ${text}`,
    () => `content-encoding: ${dice.pick(tricks.encodings)}`,
    () => `content-type: ${dice.pick([...tricks.types, text])}`,
    () => `range: ${dice.pick(["bytes=0-", text])}`,
    () => Array.from({ length: 150 }, (_, index) => `x-many-${index}: ${text.slice(0, 20)}`).join("\r\n"),
    () => (dice.chance(0.3) ? dice.pick(tricks.brokenLines) : `x-${dice.below(99)}: ${text}`),
  ])();
}

function contentOf(dice: Dice): Buffer {
  return dice.pick([
    () => Buffer.from(JSON.stringify({ text: textOf(dice), n: [1, { a: null }] })),
    () =>
      Buffer.from(JSON.stringify({ jsonrpc: "2.0", method: "x", id: dice.pick([1, "1", null, CANARY, {}]) })),
    () => Buffer.from("[".repeat(10 ** dice.below(5))),
    () => Buffer.from(`{"text":"${"a".repeat(dice.below(200))}","text":"b"`),
    () => Buffer.from(Array.from({ length: dice.below(300) }, () => dice.below(256))),
    () => Buffer.from("ż".repeat(dice.below(20_000))),
    () => Buffer.from(textOf(dice)),
  ])();
}

function framed(dice: Dice, content: Buffer): Framed {
  if (content.length === 0) return { lines: [], body: content };
  if (dice.chance(0.7)) return { lines: [`content-length: ${content.length}`], body: content };
  const chunk = [Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from("\r\n0\r\n\r\n")];
  return { lines: ["transfer-encoding: chunked"], body: Buffer.concat(chunk) };
}

function lied(dice: Dice, content: Buffer): Framed {
  const { length } = content;
  const lengths = [length + 1 + dice.below(100), dice.below(length), "abc", "-1", "1e3", "9".repeat(20)];
  const lines = [`content-length: ${dice.pick(lengths)}`];
  if (dice.chance(0.2)) lines.push(`transfer-encoding: ${dice.pick(["chunked", "gzip", CANARY])}`);
  return { lines, body: content };
}
