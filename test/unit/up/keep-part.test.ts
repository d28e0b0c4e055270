/** What `steward up` does with a part that ends, with real processes and a clock of the test's own. */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepPart } from "../../../src/keep-part.ts";

const DIES = "process.disconnect(); process.exitCode = 1;";
const READY_THEN_DIES = `process.send({ kind: "ready" }, () => { ${DIES} });`;
const HOPELESS = `process.send({ kind: "hopeless", sentence: "Mend it." }, () => { ${DIES} });`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-part-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Keeps a part whose lives are these scripts, each of so many minutes by the clock; it is stopped after the last. */
async function keep(lives: readonly string[], minutes = 0) {
  const stopping = new AbortController();
  const pauses: number[] = [];
  let now = 0;
  let begun = 0;
  const hopeless = await keepPart(
    {
      name: "part",
      start() {
        const file = join(folder, `${begun}.mjs`);
        writeFileSync(file, lives[begun++] ?? "");
        const child = fork(file, { execArgv: [] });
        child.once("exit", () => {
          now += minutes * 60_000;
        });
        return child;
      },
      clock: { now: () => now },
      async pause(ms) {
        pauses.push(ms);
        if (begun === lives.length) stopping.abort();
      },
      log: pino({ level: "silent" }),
    },
    stopping.signal,
  );
  return { hopeless, begun, pauses };
}

test("the pauses grow while it dies at once, to half a minute", async () => {
  const { pauses, hopeless } = await keep(Array.from({ length: 8 }, () => DIES));
  expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(hopeless).toBeUndefined();
});

test("the pauses begin anew when it was up for a while", async () => {
  expect((await keep([DIES, DIES, DIES], 2)).pauses).toEqual([500, 500, 500]);
});

test("it is given up with its sentence when it says that only a person can help", async () => {
  expect(await keep([DIES, HOPELESS, DIES])).toEqual({ hopeless: "Mend it.", begun: 2, pauses: [500] });
});

test("once it was ready it is never given up", async () => {
  const { hopeless, begun } = await keep([READY_THEN_DIES, HOPELESS, HOPELESS]);
  expect({ hopeless, begun }).toEqual({ hopeless: undefined, begun: 3 });
});
