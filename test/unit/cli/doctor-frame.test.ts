/** How `doctor` goes through its checks, and what it says of a webhook that does not deliver. */
import { expect, test } from "vitest";
import { type Check, examine, failed, lacking, well } from "../../../src/cli/doctor.ts";
import { forgeChecks } from "../../../src/cli/doctor-forge.ts";
import { repositoryChecks } from "../../../src/cli/doctor-repository.ts";
import { ParkError } from "../../../src/domain/errors.ts";
import { RepositoryName } from "../../../src/domain/ids.ts";
import type { Access } from "../../../src/ports/access.ts";
import type { DeliveryWatch } from "../../../src/ports/delivery-watch.ts";
import type { Hooks } from "../../../src/ports/hooks.ts";

const REPOSITORY = RepositoryName.parse("acme/widgets");

const ACCESS: Access = {
  standing: async () => ({ kind: "welcome", version: "1.26.0" }),
  hasScope: async (scope) => (scope === "write:package" ? undefined : true),
  rightIn: async () => "admin",
};

async function said(checks: readonly Check[]): Promise<{ readonly sound: boolean; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const sound = await examine(checks, (line) => lines.push(line.replace(/ {2,}/g, " ")));
  return { sound, lines };
}

test("what needs something that is not well is left out, and names what to mend first", async () => {
  const checks: Check[] = [
    { name: "one", run: async () => [well("fine", "left"), failed("broken: mend it.", "right")] },
    { name: "two", needs: ["one"], run: async () => [well("never")] },
    { name: "three", needs: ["two"], run: async () => [well("never")] },
    { name: "four", run: async () => [well("fine")] },
    { name: "five", needs: ["four"], run: async () => [well("fine")] },
  ];
  expect(await said(checks)).toEqual({
    sound: false,
    lines: [
      "ok one: left fine",
      "FAIL one: right broken: mend it.",
      'skip two not tried: mend "one" first',
      'skip three not tried: mend "one" first',
      "ok four fine",
      "ok five fine",
    ],
  });
});

test("a warning is no failure, but nothing is built on it", async () => {
  const checks: Check[] = [
    { name: "one", run: async () => [lacking("could be better: do it.")] },
    { name: "two", needs: ["one"], run: async () => [well("never")] },
  ];
  expect(await said(checks)).toEqual({
    sound: true,
    lines: ["warn one could be better: do it.", 'skip two not tried: mend "one" first'],
  });
});

test("a check that throws has failed, and the others go on", async () => {
  const checks: Check[] = [
    { name: "known", run: () => Promise.reject(new ParkError("FORGE_REFUSED", "It refuses: ask nicely.")) },
    { name: "unknown", run: () => Promise.reject(new Error("socket hang up")) },
    { name: "last", run: async () => [well("fine")] },
  ];
  expect(await said(checks)).toEqual({
    sound: false,
    lines: [
      "FAIL known It refuses: ask nicely.",
      "FAIL unknown unexpected: socket hang up. Try again; if it stays, report it as a bug with this line.",
      "ok last fine",
    ],
  });
});

test("a scope that cannot be tried without changing anything is said not to be tried", async () => {
  const forge = { self: async () => ({ id: 5, login: "steward" }) };
  const { lines } = await said(forgeChecks({ access: ACCESS, forge, scopes: ["write:package", "write:issue"] }));
  expect(lines).toEqual([
    "ok forge version 1.26.0 answers",
    "ok forge: token taken",
    "ok token scope: write:package not tried: there is no call for it that changes nothing",
    "ok token scope: write:issue there",
    "ok account signed in as steward",
  ]);
});

test.each([
  ["doctor", /^FAIL webhook round trip no test delivery arrived .*ALLOWED_HOST_LIST.*empty and sends no test\.$/],
  [
    "bot",
    /^FAIL .* no rightly signed test delivery .*ALLOWED_HOST_LIST.*run `steward init --replace acme\/widgets`\.$/,
  ],
] as const)(
  "where nothing arrives at the %s, the usual cause comes first, and the watch is closed",
  async (receiver, words) => {
    const acts: string[] = [];
    const watch: DeliveryWatch = {
      receiver,
      async arrival() {
        acts.push("watch");
        return "nothing";
      },
      close: async () => void acts.push("close"),
    };
    const hooks: Hooks = {
      ensureHook: async () => "unchanged",
      findHook: async () => 7,
      testHook: async (_repository, hook) => void acts.push(`test ${hook}`),
    };
    const place = { repository: REPOSITORY, url: "http://steward.example/webhook/gitea", listener: "127.0.0.1:3900" };
    const checks = repositoryChecks({ access: ACCESS, hooks, openWatch: async () => watch, ...place });
    const { sound, lines } = await said(checks.filter(({ name }) => name === "webhook round trip"));
    expect(sound).toBe(false);
    expect(lines).toEqual([expect.stringMatching(words)]);
    expect(acts).toEqual(["watch", "test 7", "close"]);
  },
);
