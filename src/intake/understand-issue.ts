/** What an issue asks for, from its form, its labels and its text: without a model, and the same every time. */
import { createHash } from "node:crypto";
import type { Estimate } from "../domain/estimate.ts";
import type { IssueRef, RepositoryName } from "../domain/ids.ts";
import type { Overrides } from "../domain/task.ts";
import { guessFromContent } from "./content-heuristics.ts";
import { estimateIssue } from "./estimate-issue.ts";
import { readBlockers, type StatedBlocker } from "./read-blockers.ts";
import { readLabels } from "./read-labels.ts";
import { readMetadata } from "./read-metadata.ts";

/** The text of an issue and where it stands. */
export interface IssueText {
  readonly repository: RepositoryName;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  /** Which issue it is, so that a reference to itself is known as one. */
  readonly ref?: IssueRef;
  /** The forge's address: full URLs are read as references too. */
  readonly forgeUrl?: string;
}

/** What was understood. */
export interface Understanding {
  readonly estimate: Estimate;
  /** By command, label or form, in this order; any name, known or not. */
  readonly wantedAgent?: string;
  readonly blockedBy: readonly StatedBlocker[];
  readonly acceptance: readonly string[];
  /** What is wrong with the form; each a sentence. */
  readonly problems: readonly string[];
  /** What only the author can say; there are some exactly when the confidence is below 30 %. */
  readonly questions: readonly string[];
  /** 0 comes first. */
  readonly priority: number;
  /** Changes when a new reading could give something else. */
  readonly contentHash: string;
}

/** Reads an issue; what people decided by command wins over all of it. */
export function understandIssue(issue: IssueText, overrides: Overrides): Understanding {
  const metadata = readMetadata(issue.body, issue);
  const labels = readLabels(issue.labels);
  const reading = { metadata, labels, guess: guessFromContent(issue), overrides };
  const { estimate, problems, questions } = estimateIssue(reading);
  const wantedAgent = overrides.agent ?? labels.agent ?? metadata.agent;
  const blockers = readBlockers(metadata.blockedBy, issue.ref);
  return {
    estimate,
    ...(wantedAgent === undefined ? {} : { wantedAgent }),
    blockedBy: blockers.blockedBy,
    acceptance: metadata.acceptance,
    problems: [...metadata.problems, ...problems, ...blockers.problems],
    questions,
    priority: labels.priority,
    contentHash: hashContent(issue, labels.read),
  };
}

/** Only labels that are read count: Steward's own change all the time. */
function hashContent(issue: IssueText, labels: readonly string[]): string {
  return createHash("sha256")
    .update(JSON.stringify([issue.title, issue.body, labels]))
    .digest("hex");
}
