/** Keeps one part of `steward up` running: begun again after growing pauses, given up when only a person can help. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Logger } from "pino";
import type { Clock } from "./lib/clock.ts";
import { PartNews } from "./part-news.ts";

/** Pauses before a part that died is begun again, doubled each time. */
const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A part that lived as long was well: the pauses begin anew. */
const STEADY_MS = 60_000;
/** A part that has not ended by then is killed: what it did is fenced and taken up by the next start. */
const STOP_MS = 9_000;

/** A part, and what keeping it needs. */
export interface KeptPart {
  readonly name: string;
  /** Starts it as a process with a channel to this one. */
  readonly start: () => ChildProcess;
  readonly clock: Clock;
  /** Waits, or until the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
}

/** Resolves when `stopping` was aborted and the part has ended, or with the sentence of a part that was never ready. */
export async function keepPart(
  { name, start, clock, pause, log }: KeptPart,
  stopping: AbortSignal,
): Promise<string | undefined> {
  let everReady = false;
  let pauseMs = SHORTEST_PAUSE_MS;
  while (!stopping.aborted) {
    const startedAt = clock.now();
    const { ready, hopeless, code, signal } = await runOnce(start(), stopping);
    everReady ||= ready;
    if (stopping.aborted) return undefined;
    if (hopeless !== undefined && !everReady) return hopeless;
    if (clock.now() - startedAt >= STEADY_MS) pauseMs = SHORTEST_PAUSE_MS;
    log.error({ part: name, code, signal, reason: hopeless, pauseMs, outcome: "retrying" }, "a part ended");
    await pause(pauseMs, stopping);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }
  return undefined;
}

interface Run {
  readonly ready: boolean;
  readonly hopeless: string | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

async function runOnce(child: ChildProcess, stopping: AbortSignal): Promise<Run> {
  let ready = false;
  let hopeless: string | undefined;
  child.on("message", (message) => {
    const news = PartNews.parse(message);
    if (news.kind === "ready") ready = true;
    else hopeless = news.sentence;
  });
  let killer: NodeJS.Timeout | undefined;
  function end(): void {
    child.kill("SIGTERM");
    killer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  }
  stopping.addEventListener("abort", end);
  // The channel ends after its last message was heard, which may be later than the process.
  await Promise.all([once(child, "exit"), once(child, "disconnect")]);
  stopping.removeEventListener("abort", end);
  clearTimeout(killer);
  return { ready, hopeless, code: child.exitCode, signal: child.signalCode };
}
