// The limits page of a policy. A function of the policy and the API's address alone: no clock, no request.

import type { Limit, Policy } from "../core/policy.ts";
import { headersSection } from "./headers.ts";
import { enforced, limitsSection } from "./limits.ts";
import { code, type Page, paragraph, type Section, type Text, text } from "./page.ts";
import { refusalsSection } from "./refusals.ts";
import { curlLine, type Sample, snippets } from "./snippets.ts";
import { counted, timeWords } from "./words.ts";

/**
 * Makes the page.
 *
 * @param apiUrl the API's own address, such as `https://api.example.com`, for what is there to be copied.
 */
export function limitsPage(policy: Policy, apiUrl: string): Page {
  const limits = enforced(policy);
  return {
    title: policy.apiName === undefined ? "Rate limits" : `${policy.apiName}: rate limits`,
    lead: lead(policy),
    sections: [
      limitsSection(policy),
      ...blocksSection(policy),
      headersSection(policy),
      refusalsSection(policy),
      backingOffSection(sampleOf(limits, policy, apiUrl)),
      usageSection(policy, apiUrl),
      ...supportSection(policy),
    ],
  };
}

function lead({ enforce }: Policy): Text {
  const all =
    "What you may ask how often, how each answer tells what is left, and what to do when it is too much.";
  return enforce ? [all] : [`${all} At present requests over a limit are counted, and not yet refused.`];
}

function blocksSection({ ipBlock, enforce }: Policy): Section[] {
  if (ipBlock === undefined || !enforce) return [];
  const { strikes, withinMs, forMs, strikeOn401 } = ipBlock;
  const statuses = strikeOn401 ? "429 or 401" : "429";
  const hits = `${counted(strikes, "answer")} of ${statuses}`;
  const rule = text`An IP address that gets ${hits} within ${timeWords(withinMs)} is blocked for ${timeWords(forMs)}. Every request from it is then refused with a 403, whatever its key; asking meanwhile does not make it longer.`;
  return [{ id: "blocks", title: "Blocked addresses", blocks: [paragraph(rule)] }];
}

function backingOffSection(sample: Sample): Section {
  const items = [
    text`After a 429 wait as many seconds as ${code("Retry-After")} says, and a little more at random. Asking sooner is refused again.`,
    text`Better: do not get there. When nothing remains, wait for the reset before the next request.`,
    text`After a 502, 503 or 504 without ${code("Retry-After")}, or a broken connection: wait 1 second, then 2, 4, 8 and 16, each a little more at random, and repeat only what may happen twice.`,
  ];
  const intro = text`With your key in the environment variable ${code("API_KEY")}:`;
  return {
    id: "backing-off",
    title: "Backing off",
    blocks: [{ kind: "list", items }, paragraph(intro), ...snippets(sample)],
  };
}

function usageSection({ adminPath, keyFrom }: Policy, apiUrl: string): Section {
  const path = `${adminPath}/usage`;
  const [source = { in: "bearer" }] = keyFrom;
  const line = curlLine({ url: urlOf(apiUrl, path), method: "GET", source });
  return {
    id: "usage",
    title: "Your usage",
    blocks: [
      paragraph(text`${code(`GET ${path}`)} answers where each of your limits stands. It costs nothing.`),
      { kind: "code", title: "Your usage by curl", language: "sh", code: line },
      { kind: "standing", path, source },
    ],
  };
}

function supportSection({ support, tiers }: Policy): Section[] {
  if (support === undefined) return [];
  const contact = support.includes("://")
    ? { href: support, text: support }
    : { href: `mailto:${support}`, text: support };
  const larger = tiers.size > 0 ? ["A larger tier has larger limits. "] : [];
  return [
    {
      id: "more",
      title: "Asking for more",
      blocks: [
        paragraph([
          ...larger,
          ...text`Limits can be raised for a single key or account. Ask ${contact}, and say which limit you need how large, and what for.`,
        ]),
      ],
    },
  ];
}

/** Methods that every language's client has. */
const METHODS = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);

/** A request that is limited: one that only reads, where there is one. */
function sampleOf(limits: readonly Limit[], { keyFrom }: Policy, apiUrl: string): Sample {
  const routes = limits.flatMap(({ match }) => match).filter(({ method = "GET" }) => METHODS.has(method));
  const route = routes.find(({ method = "GET" }) => method === "GET") ?? routes[0];
  const path = (route?.path ?? "/").replace(/\/\*$/, "").replace(/:[^/]+/g, "1") || "/";
  const needsKey = limits.some(({ per }) => per !== "ip");
  const [source] = keyFrom;
  return {
    url: urlOf(apiUrl, path),
    method: route?.method ?? "GET",
    ...(needsKey && source && { source }),
  };
}

function urlOf(apiUrl: string, path: string): string {
  return new URL(`${apiUrl.replace(/\/+$/, "")}${path}`).href;
}
