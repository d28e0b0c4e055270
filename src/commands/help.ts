/**
 * Usage: `/help`
 *
 * Lists all commands with what they do.
 */
import { defineCommand, obeyed } from "./command.ts";

/** The command `/help`. */
export const help = defineCommand({
  name: "help",
  usage: "/help",
  summary: "lists the commands",
  run: ({ task, help: table }) => obeyed(task, table()),
});
