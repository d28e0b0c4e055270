/** All readers, in the order in which they may claim a line. */
import { readBiome } from "./biome.ts";
import { readCoverageThreshold } from "./coverage-threshold.ts";
import { readEslintStylish, readEslintUnix } from "./eslint.ts";
import { readGithubAnnotations } from "./github-annotations.ts";
import { readGo, readGoTests } from "./go.ts";
import { readJest } from "./jest.ts";
import { readNodeCrashes } from "./node-crash.ts";
import { readNodeTestSpec } from "./node-test-spec.ts";
import { readPlainText } from "./plain-text.ts";
import { readPytest } from "./pytest.ts";
import { readMypy, readRuff, readRuffConcise } from "./python-linters.ts";
import type { FindingReader, RawFinding } from "./raw-finding.ts";
import { readRustc, readRustPanics } from "./rust.ts";
import { readTap } from "./tap.ts";
import { readTsc } from "./tsc.ts";
import { readVitest } from "./vitest.ts";

const READERS: readonly FindingReader[] = [
  readTsc,
  readEslintStylish,
  readEslintUnix,
  readBiome,
  readGithubAnnotations,
  readVitest,
  readJest,
  readNodeTestSpec,
  readTap,
  readPytest,
  readRuffConcise,
  readMypy,
  readRuff,
  readRustc,
  readRustPanics,
  readGoTests,
  readGo,
  readNodeCrashes,
  readCoverageThreshold,
];

/** What all readers find, in the log's order; each line belongs to the first that claims it. Unknown tools: plain text. */
export function findRaw(lines: readonly string[]): readonly RawFinding[] {
  const known = READERS.flatMap((read) => read(lines));
  const found = known.length > 0 ? known : readPlainText(lines);
  const byLine = new Map<number, RawFinding>();
  for (const finding of found) if (!byLine.has(finding.at)) byLine.set(finding.at, finding);
  return [...byLine.values()].sort((a, b) => a.at - b.at);
}
