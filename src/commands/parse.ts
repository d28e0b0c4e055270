/** Commands in a comment: `/cmd` or `@bot cmd` at the start of a line, outside code, quotes and HTML comments. */
import { spokenText } from "./spoken-text.ts";

/** More in one comment is no conversation. */
const MAX_COMMANDS = 20;
/** Longer comments are read up to here. */
const MAX_BODY = 65_536;
const MAX_ARGS = 200;

/** A command as it was written; whether it exists is another matter. */
export interface ParsedCommand {
  /** Lower case, without slash. */
  readonly name: string;
  /** The rest of the line. */
  readonly args: string;
  /** Counts from 1. */
  readonly line: number;
}

/** The first commands of a comment, in order. */
export function parseCommands(body: string, botLogin: string): ParsedCommand[] {
  return allCommands(body, botLogin).slice(0, MAX_COMMANDS);
}

/** What an edit added: each command of `after` that is there more often than in `before`. */
export function newCommands(before: string, after: string, botLogin: string): ParsedCommand[] {
  const known = Map.groupBy(allCommands(before, botLogin), wordsOf);
  const added = allCommands(after, botLogin).filter((command) => known.get(wordsOf(command))?.pop() === undefined);
  return added.slice(0, MAX_COMMANDS);
}

function wordsOf({ name, args }: ParsedCommand): string {
  return `${name} ${args}`;
}

function allCommands(body: string, botLogin: string): ParsedCommand[] {
  const pattern = commandPattern(botLogin);
  const lines = spokenText(body.slice(0, MAX_BODY)).split("\n");
  return lines.flatMap((text, index) => {
    const [, name, args = ""] = pattern.exec(text) ?? [];
    if (name === undefined) return [];
    return [{ name: name.toLowerCase(), args: args.trim().slice(0, MAX_ARGS), line: index + 1 }];
  });
}

function commandPattern(botLogin: string): RegExp {
  const login = botLogin.replace(/\W/g, "\\$&");
  return new RegExp(`^ {0,3}(?:/|@${login}(?=[\\s:,])[\\s:,]*/?)([a-z][a-z0-9-]{0,30})(?:\\s+(.*))?$`, "i");
}
