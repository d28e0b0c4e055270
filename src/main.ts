#!/usr/bin/env node
/** The command line: reads what is asked, puts the parts together, and ends them in order. */
import { Command } from "commander";
import { RetryableError, StewardError } from "./domain/errors.ts";
import { tellParent } from "./part-news.ts";

const program = new Command("steward")
  .description("Sees issues of a Gitea or Forgejo through with AI agents, and believes only gates.")
  .addHelpText(
    "after",
    "\nConfiguration is read from the environment (GITEA_URL, GITEA_TOKEN, GITEA_WEBHOOK_SECRET, …; see .env.example)\nand from the file that STEWARD_CONFIG names (./steward.yml when it is there; see steward.example.yml).",
  );

program
  .command("up")
  .description("run everything: the bot, one runner, and a private Redis when REDIS_URL is not set")
  .action(async () => (await import("./run-up.ts")).runUp(process.env));
program
  .command("serve")
  .description("run the bot; needs REDIS_URL")
  .action(async () => (await import("./run-bot.ts")).runBot(process.env));
program
  .command("runner")
  .description("run a runner, which takes jobs from the bot's REDIS_URL")
  .option("--labels <list>", "its labels, separated by commas, instead of those of steward.yml")
  .option("--slots <number>", "jobs at once, instead of those of steward.yml")
  .action(async (options: { readonly labels?: string; readonly slots?: string }) =>
    (await import("./run-runner.ts")).runRunner(process.env, options),
  );
program
  .command("init")
  .description("give repositories the webhook and the labels of app.yml; again it changes nothing")
  .argument("<owner/repository...>", "where the bot's account is an administrator")
  .option("--replace", "make the webhook anew even when it looks right: after GITEA_WEBHOOK_SECRET has changed")
  .action(async (repositories: readonly string[], options: { readonly replace?: boolean }) =>
    (await import("./run-init.ts")).runInit(process.env, repositories, options),
  );
program
  .command("doctor")
  .description("try all parts for real and say what to mend; the exit code is 1 when one fails")
  .argument("[owner/repository]", "where the bot's rights and the webhook's round trip are tried too")
  .action(async (repository: string | undefined) =>
    (await import("./run-doctor.ts")).runDoctor(process.env, repository),
  );

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof StewardError)) throw error;
  const told = !(error instanceof RetryableError) && (await tellParent({ kind: "hopeless", sentence: error.message }));
  if (!told) process.stderr.write(`${error.message}\n`);
  // What was begun before it failed, connections and the parent's channel, would keep this process alive.
  process.exit(1);
}
