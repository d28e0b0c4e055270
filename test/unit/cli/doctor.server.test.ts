/** `steward doctor` on every server at hand: all green where all is well, and the webhook's round trip for real. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BENCH_SECRETS, complaints, type DoctorBench, openDoctorBench } from "../../support/doctor-bench.ts";
import { forEachServer } from "../../support/servers.ts";
import { createRepository } from "../../support/test-server.ts";

forEachServer((server) => {
  let bench: DoctorBench;
  let repository: string;

  beforeAll(async () => {
    bench = await openDoctorBench(server().url, server().tokens.steward);
    repository = await createRepository(server(), { name: `doctor-${randomBytes(4).toString("hex")}` });
    await bench.run(["init", repository]);
  });
  afterAll(() => bench.close());

  test("finds a good set-up well in every part, and shows no secret", async () => {
    const { code, output, errors } = await bench.run(["doctor", repository]);
    expect(output).not.toMatch(/^(?:FAIL|warn|skip)/m);
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    for (const part of ["forge", "token scope: write:issue", "account", "redis: persistence", "repository", "webhook"])
      expect(output).toMatch(new RegExp(`^ok +${part} `, "m"));
    expect(output).toMatch(/^ok +webhook round trip +a signed test delivery arrived after \d+\.\d s$/m);
    expect(output).toMatch(/^ok +sandbox: network +denied$/m);
    expect(output).toMatch(/^ok +sandbox: views +(?:overlay|copies), .+$/m);
    for (const secret of [...Object.values(BENCH_SECRETS), server().tokens.steward])
      expect(output).not.toContain(secret);
  });

  test("tells a webhook with another secret from one that does not deliver", async () => {
    const ended = await bench.run(["doctor", repository], { GITEA_WEBHOOK_SECRET: "another-secret-than-the-hooks" });
    expect(ended.code).toBe(1);
    expect(complaints(ended)).toEqual([
      "FAIL webhook round trip a test delivery arrived, but not signed with GITEA_WEBHOOK_SECRET: " +
        `run \`steward init --replace ${repository}\`.`,
    ]);
  });

  test("tells an unknown token", async () => {
    const ended = await bench.run(["doctor", repository], { GITEA_TOKEN: "a".repeat(40) });
    expect(ended.code).toBe(1);
    expect(complaints(ended)).toEqual([
      "FAIL forge: token not known there: make one for the bot's account, and set GITEA_TOKEN to it.",
    ]);
    expect(ended.output).toMatch(/^skip +webhook round trip +not tried: mend "forge" first$/m);
  });
});
