// The five examples on the sample log: the replay decides each of its requests as a limiter does that shares nothing with it.

import { readFileSync } from "node:fs";
import { parse, stringify, type TomlTable } from "smol-toml";
import { describe, expect, it } from "vitest";
import { Edge } from "../../../scripts/replay/edge.ts";
import { type Entry, readEntry } from "../../../scripts/replay/entry.ts";
import { Replay } from "../../../scripts/replay/replay.ts";
import { sampleLines } from "../../../scripts/replay/sample.ts";
import { candidate, terms } from "./support/build.ts";
import { naiveFates } from "./support/naive.ts";

const lines = [...sampleLines(40_000, 7)];

describe.each(["jobko", "onboardinghub", "uberduck", "uphunt", "upstat"])("%s on the sample log", (name) => {
  const toml = readFileSync(`examples/${name}.toml`, "utf8");
  // The naive limiter knows nothing of keys that nobody knows.
  const { vars } = parse(toml);
  const { rules } = candidate(stringify({ ...(vars as TomlTable), NEW_KEYS: "any" }));
  const expected = naiveFates(toml, lines);

  it("decides each request as the naive limiter does", () => {
    const edge = new Edge(rules);
    const fates = lines.map((line) => {
      const { verdict } = edge.decide(readEntry(line, terms) as Entry);
      return verdict.kind === "refused" ? verdict.reason : verdict.kind;
    });
    const differing = fates.flatMap((fate, index) =>
      fate === expected[index] ? [] : [`${index}: ${fate}, not ${expected[index]}: ${lines[index]}`],
    );
    expect(differing.slice(0, 5)).toEqual([]);
  });

  it("reports as many of each", () => {
    const replay = new Replay(terms, { config: name, rules });
    for (const line of lines) replay.line(line);
    const { admitted, unmetered, reasons } = replay.report().policy;
    const count = (fate: string) => expected.filter((one) => one === fate).length;
    expect({ admitted, unmetered }).toEqual({ admitted: count("admitted"), unmetered: count("unmetered") });
    expect(reasons).toEqual(
      Object.fromEntries(
        ["rate", "characters", "blocked"].map((fate) => [fate, count(fate)]).filter(([, many]) => many),
      ),
    );
  });
});

describe("the sample log", () => {
  it("makes each of the examples refuse some and admit most of what it does not block", () => {
    for (const name of ["jobko", "onboardinghub", "uberduck", "uphunt"]) {
      const fates = naiveFates(readFileSync(`examples/${name}.toml`, "utf8"), lines);
      expect([name, fates.includes("rate"), fates.includes("admitted")]).toEqual([name, true, true]);
    }
  });
});
