/** Reading lcov and comparing with what a gate demands. */
import { describe, expect, test } from "vitest";
import { coverageInWords, coverageShortfalls, measureCoverage, readLcov } from "../../../runners/jobs/coverage.ts";

const RULE = { report: "lcov.info" };

describe("an lcov report", () => {
  test("is read by file and line, with paths of the checkout", () => {
    const report =
      "TN:\nSF:/checkout/src/a.ts\nFN:1,f\nDA:1,5\nDA:2,0\nLF:2\nend_of_record\nSF:./src/b.ts\r\nDA:7,1,hash\r\nend_of_record\n";
    const hits = readLcov(report, "/checkout");
    expect([...hits].map(([file, lines]) => [file, [...lines]])).toEqual([
      [
        "src/a.ts",
        [
          [1, 5],
          [2, 0],
        ],
      ],
      ["src/b.ts", [[7, 1]]],
    ]);
  });

  test("of several runs counts a line as covered when any of them did", () => {
    const hits = readLcov("SF:a\nDA:1,0\nDA:2,3\nend_of_record\nSF:a\nDA:1,1\nDA:2,0\nend_of_record\n", "/checkout");
    expect(measureCoverage(hits, undefined).percent).toBe(100);
  });

  test("that is none has no lines", () => {
    expect(readLcov("<html>\nDA:1,1\n", "/checkout").size).toBe(0);
  });
});

describe("coverage", () => {
  const hits = readLcov("SF:a\nDA:1,1\nDA:2,0\nDA:3,0\nDA:4,9\nend_of_record\n", "/checkout");

  test("counts changed lines that can be run, and lists those that were not", () => {
    const changed = [
      { file: "a", lines: [3, 2, 4, 99] },
      { file: "README.md", lines: [1] },
    ];
    expect(measureCoverage(hits, changed)).toEqual({
      percent: 50,
      changedPercent: expect.closeTo(33.33, 1),
      uncoveredChanged: [{ file: "a", lines: [2, 3] }],
    });
  });

  test("of changed lines is unknown where none can be run, and then demands nothing", () => {
    const found = measureCoverage(hits, [{ file: "README.md", lines: [1] }]);
    expect(found).toEqual({ percent: 50, uncoveredChanged: [] });
    expect(coverageShortfalls(found, { ...RULE, changedLines: 100 })).toEqual([]);
  });

  test("is never rounded up to what is demanded", () => {
    const found = { percent: 84.97, changedPercent: 89.99, uncoveredChanged: [] };
    expect(coverageShortfalls(found, { ...RULE, minimum: 85, changedLines: 90 })).toEqual([
      "coverage 84.9 %, needs 85 %",
      "coverage of changed lines 89.9 %, needs 90 %",
    ]);
    expect(coverageShortfalls(found, { ...RULE, minimum: 84.97, changedLines: 89 })).toEqual([]);
    expect(coverageInWords(found)).toBe("coverage 84.9 %");
  });
});
