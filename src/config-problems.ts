/** Turns what zod found wrong into sentences, with the nearest valid name where a name is wrong. */
import type { z } from "zod";
import { nearest } from "./lib/nearest.ts";

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "`true` or `false`",
  array: "a list",
  object: "keys with values",
  record: "keys with values",
};

/** A sentence that says what to write instead, or nothing. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const known = nearest(name, candidates);
  return known === undefined ? "" : `; did you mean \`${known}\`?`;
}

/** One sentence for each issue (parsed with `reportInput`); `keysAt` gives the valid keys at a path. */
export function sentencesFrom(
  issues: readonly z.core.$ZodIssue[],
  where: string,
  keysAt: (path: readonly PropertyKey[]) => readonly string[],
): readonly string[] {
  return issues.flatMap((issue) => {
    const path = issue.path.join(".");
    const place = path === "" ? where : `${where}: ${path}`;
    if (issue.code !== "unrecognized_keys") return [`${place}: ${demandOf(issue)}`];
    return issue.keys.map((key) => `${place}: \`${key}\` is not a known key${didYouMean(key, keysAt(issue.path))}`);
  });
}

/** What a value must be that is something else; of what is there it shows only words that should be one of a few. */
export function demandOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is missing" : `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return oneOf(issue.input, issue.values.map(String));
    case "invalid_union":
      return unionDemand(issue);
    case "too_small":
      return `must ${bound(issue.origin, issue.inclusive ? "at least" : "more than", issue.minimum)}`;
    case "too_big":
      return `must ${bound(issue.origin, issue.inclusive ? "at most" : "less than", issue.maximum)}`;
    case "invalid_format":
      return formatOf(issue);
    case "invalid_key":
      return "is no name: use letters, digits, `.`, `_` and `-`, and begin with a letter or digit";
    default:
      return issue.message;
  }
}

function oneOf(given: unknown, values: readonly string[]): string {
  const list = values.map((value) => `\`${value}\``).join(", ");
  const must = values.length === 1 ? `must be ${list}` : `must be one of ${list}`;
  return typeof given === "string" ? `${must}${didYouMean(given, values)}` : must;
}

function unionDemand(issue: z.core.$ZodIssueInvalidUnion): string {
  if (issue.inclusive === false || issue.discriminator === undefined || issue.options === undefined)
    return issue.message;
  const given = Object.entries(issue.input ?? {}).find(([key]) => key === issue.discriminator)?.[1];
  return oneOf(given, issue.options.map(String));
}

function bound(origin: string, comparison: string, limit: number | bigint): string {
  if (origin === "string") return `have ${comparison} ${limit} character${limit === 1 ? "" : "s"}`;
  return `be ${comparison} ${limit}`;
}

function formatOf(issue: z.core.$ZodIssueInvalidStringFormat): string {
  if (issue.format === "url") return "must be an address, like https://git.example.org";
  if (issue.format === "starts_with" && "prefix" in issue) return `must begin with \`${issue.prefix}\``;
  return issue.format === "regex" ? "has characters that it may not have" : issue.message;
}
