#!/usr/bin/env node
/** The command line: reads what is asked, puts the parts together, and ends them in order. */
import { Command } from "commander";
import { StewardError } from "./domain/errors.ts";

const program = new Command("steward")
  .description("Sees issues of a Gitea or Forgejo through with AI agents, and believes only gates.")
  .addHelpText(
    "after",
    "\nConfiguration is read from the environment (GITEA_URL, GITEA_TOKEN, GITEA_WEBHOOK_SECRET, …)\nand from steward.yml; the README lists all of it.",
  );

program
  .command("up")
  .description("run everything: the bot, one runner, and a private Redis when REDIS_URL is not set")
  .action(async () => (await import("./run-up.ts")).runUp(process.env));
program
  .command("serve")
  .description("run the bot")
  .action(async () => (await import("./run-bot.ts")).runBot(process.env));
program
  .command("runner")
  .description("run a runner, which takes jobs from the bot's Redis")
  .action(async () => (await import("./run-runner.ts")).runRunner(process.env));
program
  .command("init")
  .description("give repositories the webhook and the labels of app.yml; again it changes nothing")
  .argument("<owner/repository...>")
  .action(async (repositories: readonly string[]) =>
    (await import("./run-init.ts")).runInit(process.env, repositories),
  );
program
  .command("doctor")
  .description("check token, scopes, webhook round trip, Redis and a real sandbox, and say what to mend")
  .argument("[owner/repository]", "where the webhook round trip is tried")
  .action(async (repository: string | undefined) =>
    (await import("./run-doctor.ts")).runDoctor(process.env, repository),
  );

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof StewardError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
