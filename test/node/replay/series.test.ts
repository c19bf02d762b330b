import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MOST_BUCKETS, Series } from "../../../scripts/replay/series.ts";

const T = Date.UTC(2026, 5, 15);

describe("Series", () => {
  it("has no buckets before there is a request", () => {
    expect(new Series().buckets()).toEqual([]);
  });

  it("counts in buckets of a second while these are few enough", () => {
    const series = new Series();
    for (const ms of [0, 999, 2_000]) series.note(T + ms, ms !== 999);
    expect(series.buckets()).toEqual([
      { at: T, admitted: 1, refused: 1 },
      { at: T + 1_000, admitted: 0, refused: 0 },
      { at: T + 2_000, admitted: 1, refused: 0 },
    ]);
  });

  it("takes wider buckets for a longer time", () => {
    const series = new Series();
    series.note(T, true);
    series.note(T + 86_400_000, false);
    expect(series.widthMs).toBe(300_000);
    expect(series.buckets().at(0)).toEqual({ at: T, admitted: 1, refused: 0 });
    expect(series.buckets().at(-1)).toEqual({ at: T + 86_400_000, admitted: 0, refused: 1 });
  });

  it("loses no request and never has too many buckets, whatever the times", () => {
    const at = fc.integer({ min: 1e11, max: 4e12 });
    fc.assert(
      fc.property(fc.array(fc.tuple(at, fc.boolean()), { minLength: 1 }), (requests) => {
        const series = new Series();
        for (const [atMs, isAdmitted] of requests) series.note(atMs, isAdmitted);
        const buckets = series.buckets();
        expect(buckets.length).toBeLessThanOrEqual(MOST_BUCKETS);
        for (const bucket of buckets) {
          const here = requests.filter(([atMs]) => atMs >= bucket.at && atMs < bucket.at + series.widthMs);
          const admitted = here.filter(([, isAdmitted]) => isAdmitted).length;
          expect([bucket.admitted, bucket.refused]).toEqual([admitted, here.length - admitted]);
        }
        const counted = buckets.reduce((sum, { admitted, refused }) => sum + admitted + refused, 0);
        expect(counted).toBe(requests.length);
      }),
      {
        examples: [
          [
            [
              [3_270_661_200_000, false],
              [3_274_113_600_000, false],
            ],
          ],
        ],
      },
    );
  });
});
