/** Runs a suite against every server at hand: the stand-in always, a real Gitea where there is one. */
import { afterAll, beforeAll, describe } from "vitest";
import { findGitea } from "./gitea-program.ts";
import { openRealGitea } from "./real-gitea.ts";
import { openStandIn } from "./stand-in.ts";
import type { TestServer } from "./test-server.ts";

type Open = () => Promise<TestServer>;

/**
 * Registers the suite once for each server; a fresh server is up for the whole of each. Files that use this are named `*.server.test.ts`, which is how
 * `npm run test:gitea` finds them. `STEWARD_SERVERS` (`stand-in` or `real`) leaves only one; `STEWARD_DEMAND_GITEA=1` makes a missing real one an error.
 */
export function forEachServer(suite: (server: () => TestServer) => void): void {
  for (const [name, open] of serversAtHand()) {
    describe(`on ${name}`, () => {
      const opened: TestServer[] = [];
      beforeAll(async () => {
        opened.push(await open());
      });
      afterAll(() => opened[0]?.stop());
      suite(() => {
        if (!opened[0]) throw new Error("The server is there only while tests run.");
        return opened[0];
      });
    });
  }
}

function serversAtHand(): [name: string, open: Open][] {
  const only = process.env.STEWARD_SERVERS;
  const real: [string, Open] = ["a real Gitea", openRealGitea];
  const standIn: [string, Open] = ["the stand-in", openStandIn];
  return [...(only === "real" ? [] : [standIn]), ...(only !== "stand-in" && isRealAtHand() ? [real] : [])];
}

function isRealAtHand(): boolean {
  const demanded = process.env.STEWARD_DEMAND_GITEA === "1" || process.env.STEWARD_SERVERS === "real";
  const named = Boolean(process.env.GITEA_URL && process.env.GITEA_ADMIN_TOKEN);
  return demanded || named || findGitea() !== undefined;
}
