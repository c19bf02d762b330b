// How requests are counted, in sentences: only what this policy makes true.

import type { Limit, Policy } from "../core/policy.ts";
import type { Window } from "../core/window.ts";
import { type Block, code, sentences, type Text, text } from "./page.ts";
import { counted, listedTexts, sourceWords } from "./words.ts";

/** The rules of counting, as a list. */
export function rulesOfCounting(limits: readonly Limit[], policy: Policy): Block[] {
  const items = [
    ...subjects(limits, policy),
    ...keys(limits, policy),
    ...windows(limits),
    text`A refused request is not counted.`,
    ...endpoints(limits),
  ];
  return [{ kind: "list", items }];
}

function subjects(limits: readonly Limit[], { ipv6Prefix }: Policy): Text[] {
  const pers = new Set(limits.map(({ per }) => per));
  const items: Text[] = [];
  if (pers.has("key")) {
    items.push(
      text`Limits per API key are each key's own: no other key takes from them. Use a key for each environment.`,
    );
  }
  if (pers.has("account")) {
    items.push(
      text`Limits per account are shared by all keys of the account. A key without an account is an account of its own.`,
    );
  }
  if (pers.has("ip")) {
    const network = ipv6Prefix === 128 ? "" : ` (with IPv6: of a /${ipv6Prefix} network)`;
    items.push([`Limits per IP address are shared by all requests from the address${network}.`]);
  }
  return items;
}

function keys(limits: readonly Limit[], { keyFrom, anonymous, newKeys, unknownKeys }: Policy): Text[] {
  if (limits.every(({ per }) => per === "ip")) return [];
  const where = text`Send the API key in ${listedTexts(keyFrom.map(sourceWords))}.`;
  const without = {
    reject: "Without one a request is refused with a 401.",
    ip: "Requests without one are counted per IP address instead.",
    pass: "Requests without one are not limited.",
  };
  const tokens = keyFrom.some((source) => source.in === "bearer")
    ? [text`An access token is a key as well.`]
    : [];
  const items = [sentences(where, ...tokens, [without[anonymous]])];
  if (newKeys !== undefined && unknownKeys === "allow") {
    const { size, name } = newKeys;
    items.push([
      `From one IP address at most ${counted(size, "key")} per ${name} may come that were never used with success.`,
    ]);
  }
  return items;
}

function windows(limits: readonly Limit[]): Text[] {
  const all = limits.flatMap((limit) => limit.windows.map((window) => ({ window, align: limit.align })));
  const items: Text[] = [];
  if (all.length > 1) {
    items.push(
      text`Each limit is tracked independently of the others. A request has to fit into every limit that matches it, or it counts in none of them.`,
    );
  }
  const byClock = all.filter(({ align, window }) => align === "clock" && window.unit !== "billing period");
  if (byClock.length > 0) items.push(clock(byClock.map(({ window }) => window)));
  if (all.some(({ align, window }) => align === "first" && window.unit !== "billing period")) {
    items.push(
      text`A time “from the first request on” begins with the first request after the one before was over.`,
    );
  }
  if (all.some(({ window }) => window.unit === "billing period")) {
    items.push(
      text`A billing period ends at the account's next billing date and begins where the one before ended, the first one 30 days before its end. Without a billing date it is the calendar month: it resets on the 1st, 00:00 UTC.`,
    );
  }
  return items;
}

function clock(windows: readonly Window[]): Text {
  const begins = {
    second: "a second with the second",
    minute: "a minute at second 0",
    hour: "an hour at minute 0",
    day: "a day at 00:00",
    month: "a month on the 1st, 00:00",
  } as const;
  const simple = Object.entries(begins).flatMap(([unit, words]): Text[] =>
    windows.some((window) => window.unit === unit && window.multiple === 1) ? [[words]] : [],
  );
  const multiples = windows.filter(({ multiple }) => multiple > 1).map(({ name }): Text => [code(name)]);
  const counted = text`counted from 1 January 1970`;
  const longer = multiples.length === 0 ? [] : [text`${listedTexts(multiples, "and")} ${counted}`];
  return text`Times are by the clock in UTC: ${listedTexts([...simple, ...longer], "and")}.`;
}

function endpoints(limits: readonly Limit[]): Text[] {
  const routes = limits.flatMap(({ match }) => match);
  const paths = routes.map(({ path }) => path);
  const isAll = routes.some(({ method, path }) => method === undefined && path === "/*");
  const isRead = routes.some(({ method }) => method === undefined || method === "GET");
  const items: Text[] = [];
  if (paths.some((path) => path.includes("/:"))) {
    items.push(text`In a path ${code(":name")} stands for any one part.`);
  }
  if (paths.some((path) => path !== "/*" && path.endsWith("/*"))) {
    items.push(text`A last ${code("*")} stands for any further parts of a path, or none.`);
  }
  if (isRead) items.push(text`A HEAD request counts like a GET.`);
  if (!isAll) items.push(text`Requests that are not in the table are not limited.`);
  return items;
}
