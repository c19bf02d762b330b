// Code to copy: a request that waits as long as a 429 says, in several languages, with this policy's path and key. Each is
// run by a test.

import type { KeySource } from "../core/policy.ts";
import type { Code } from "./page.ts";

/** The request that the snippets make. */
export interface Sample {
  readonly url: string;
  readonly method: string;
  /** Where the key goes; absent: none is needed. */
  readonly source?: KeySource;
}

/** The snippets, curl first. */
export function snippets(sample: Sample): Code[] {
  return [curl(sample), javaScript(sample), python(sample), ruby(sample)];
}

/** A request by curl, its key from the environment. */
export function curlLine({ url, method, source }: Sample, options: readonly string[] = []): string {
  const asQuery = source?.in === "query" ? source.name : undefined;
  const target = asQuery === undefined ? shellText(url) : `"${shell(`${url}?${asQuery}=`)}$API_KEY"`;
  const header = source && headerOf(source);
  return [
    ["curl", ...options, ...(method === "GET" ? [] : ["--request", method]), target].join(" "),
    ...(header ? [`  --header "${shell(`${header.name}: ${header.prefix}`)}$API_KEY"`] : []),
  ].join(" \\\n");
}

function curl(sample: Sample): Code {
  const line = curlLine(sample, ["--retry 5", "--fail-with-body"]);
  return {
    kind: "code",
    title: "curl",
    language: "sh",
    code: `# --retry waits as long as Retry-After says. It also repeats a 408 or 5xx:\n# leave it out where a request must not happen twice.\n${line}`,
  };
}

function javaScript({ url, method, source }: Sample): Code {
  const header = source && headerOf(source);
  const key = "process.env.API_KEY";
  const value =
    header && (header.prefix === "" ? key : `\`${header.prefix.replace(/[\\`$]/g, "\\$&")}\${${key}}\``);
  const init = [
    ...(method === "GET" ? [] : [`method: ${JSON.stringify(method)}`]),
    ...(header && value ? [`headers: { ${JSON.stringify(header.name)}: ${value} }`] : []),
  ].join(", ");
  const target =
    source?.in === "query"
      ? `\`${`${url}?${source.name}=`.replace(/[\\`$]/g, "\\$&")}\${${key}}\``
      : JSON.stringify(url);
  return {
    kind: "code",
    title: "JavaScript",
    language: "js",
    code: `// Asks again after a 429, once its Retry-After is over and a little more.
async function ask(url, init, tries = 5, mostSeconds = 120) {
  for (let left = tries; ; left -= 1) {
    const answer = await fetch(url, init);
    const seconds = Number(answer.headers.get("retry-after"));
    const isWorthIt = answer.status === 429 && seconds > 0 && seconds <= mostSeconds;
    if (!isWorthIt || left <= 1) return answer;
    await answer.body?.cancel();
    const ms = seconds * 1000 + Math.random() * 500;
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}

const url = ${target};
const answer = await ask(url${init === "" ? "" : `, { ${init} }`});
console.log(answer.status, await answer.text());`,
  };
}

function python({ url, method, source }: Sample): Code {
  const header = source && headerOf(source);
  const key = 'os.environ["API_KEY"]';
  const target =
    source?.in === "query" ? `${JSON.stringify(`${url}?${source.name}=`)} + ${key}` : JSON.stringify(url);
  const value = header && (header.prefix === "" ? key : `${JSON.stringify(header.prefix)} + ${key}`);
  const args = [
    target,
    ...(header ? [`headers={${JSON.stringify(header.name)}: ${value}}`] : []),
    ...(method === "GET" ? [] : [`method=${JSON.stringify(method)}`]),
  ].join(",\n    ");
  return {
    kind: "code",
    title: "Python",
    language: "python",
    code: `import os, random, time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

def ask(request, tries=5, most_seconds=120):
    """Asks again after a 429, once its Retry-After is over and a little more."""
    for left in range(tries, 0, -1):
        try:
            return urlopen(request)
        except HTTPError as refusal:
            after = refusal.headers.get("Retry-After") or ""
            seconds = int(after) if after.isdecimal() else 0
            if refusal.code != 429 or left == 1 or not 0 < seconds <= most_seconds:
                raise
            time.sleep(seconds + random.random() / 2)

request = Request(
    ${args},
)
with ask(request) as answer:
    print(answer.status, answer.read().decode())`,
  };
}

function ruby({ url, method, source }: Sample): Code {
  const header = source && headerOf(source);
  const key = 'ENV.fetch("API_KEY")';
  const target = source?.in === "query" ? `${rubyText(`${url}?${source.name}=`)} + ${key}` : rubyText(url);
  const value = header && (header.prefix === "" ? key : `${rubyText(header.prefix)} + ${key}`);
  const kind = `${method[0] ?? ""}${method.slice(1).toLowerCase()}`;
  const assigned = header ? `\nrequest[${rubyText(header.name)}] = ${value}` : "";
  return {
    kind: "code",
    title: "Ruby",
    language: "ruby",
    code: `require "net/http"

# Asks again after a 429, once its Retry-After is over and a little more.
def ask(uri, request, tries: 5, most_seconds: 120)
  tries.downto(1) do |left|
    is_https = uri.scheme == "https"
    answer = Net::HTTP.start(uri.host, uri.port, use_ssl: is_https) { |http| http.request(request) }
    seconds = answer["Retry-After"].to_i
    is_worth_it = answer.code == "429" && seconds.between?(1, most_seconds)
    return answer unless is_worth_it && left > 1
    sleep(seconds + rand / 2)
  end
end

uri = URI(${target})
request = Net::HTTP::${kind}.new(uri)${assigned}
answer = ask(uri, request)
puts answer.code, answer.body`,
  };
}

/** A header that carries the key after a prefix; undefined: the key is in the URL. */
function headerOf(source: KeySource): { readonly name: string; readonly prefix: string } | undefined {
  switch (source.in) {
    case "header":
      return { name: source.name, prefix: "" };
    case "bearer":
      return { name: "Authorization", prefix: "Bearer " };
    case "cookie":
      return { name: "Cookie", prefix: `${source.name}=` };
    case "query":
      return undefined;
  }
}

/** What stands for itself between a shell's double quotes. */
function shell(text: string): string {
  return text.replace(/[\\"$`]/g, "\\$&");
}

function shellText(text: string): string {
  return /^[\w.~:/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A Ruby string in which nothing is interpolated. */
function rubyText(text: string): string {
  return /^[\w .:/?=&-]*$/.test(text) ? JSON.stringify(text) : `'${text.replace(/[\\']/g, "\\$&")}'`;
}
