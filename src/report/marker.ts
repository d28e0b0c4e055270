/** The signed marker in the status comment's first line: what is needed to rebuild a task when Redis was emptied. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { BranchName } from "../domain/branch-name.ts";
import { commentKeyLine, hasCommentKey } from "../domain/comment-key.ts";
import { FatalError } from "../domain/errors.ts";
import { RunId, Sha, TaskId } from "../domain/ids.ts";
import { OpenReviews, Overrides, ParkCode, Watermarks } from "../domain/task.ts";

const FORMAT = "v1";
const MARKER_LINE = /^<!-- steward:status v1 ([\w-]+)\.([\w-]+) -->/;
/** A marker is read from a comment that people can edit: longer ones are not looked at. */
const MAX_PAYLOAD = 20_000;

/** Ids, state and attempt of a task; no words from outside. */
export const MarkerData = z.object({
  task: TaskId,
  state: z.enum(["reading", "blocked", "queued", "working", "verifying", "review", "parked", "done", "cancelled"]),
  /** The session under way; it was written here before it started. */
  run: RunId.optional(),
  /** All sessions by now, the one under way included, so that ordinals and comment keys go on where they were. */
  sessions: z.array(z.object({ run: RunId, profile: z.string() })),
  attempts: z.number().int().nonnegative(),
  attemptsWithProfile: z.number().int().nonnegative(),
  /** Only profiles stronger than this one are chosen. */
  outgrown: z.string().optional(),
  /** The reviews that ask for changes and are not answered yet by an accepted commit. */
  reviews: OpenReviews.optional(),
  handled: Watermarks,
  assignment: z.number().int().nonnegative(),
  /** Made from the title as it was at first, so the present title does not tell it. */
  branch: BranchName.optional(),
  pull: z.number().int().positive().optional(),
  /** The accepted commit that waits for review. */
  sha: Sha.optional(),
  /** The branch's head as Steward last pushed or judged it. */
  head: Sha.optional(),
  /** The commit whose rejection was counted last. */
  rejected: Sha.optional(),
  claimed: z.boolean(),
  recheck: z.boolean(),
  overrides: Overrides,
  park: ParkCode.optional(),
});
export type MarkerData = z.infer<typeof MarkerData>;

function signature(payload: string, key: string): Buffer {
  return createHmac("sha256", key).update(`steward:status ${FORMAT} ${payload}`).digest();
}

/** The status comment's first line; the first key signs. */
export function signMarker(data: MarkerData, keys: readonly string[]): string {
  const [key] = keys;
  if (!key) throw new FatalError("INTERNAL", "There is no key to sign the marker with.");
  const payload = Buffer.from(JSON.stringify(MarkerData.parse(data))).toString("base64url");
  return commentKeyLine("status", `${FORMAT} ${payload}.${signature(payload, key).toString("base64url")}`);
}

/**
 * What a comment's marker says. `absent`: not a status comment. `unsigned`: one, but no key made this signature, or it
 * was made for another task: the comment may be adopted, its data must not be believed.
 */
export function readMarker(
  body: string,
  keys: readonly string[],
  task: TaskId,
): { readonly data: MarkerData } | "unsigned" | "absent" {
  if (!hasCommentKey(body, "status")) return "absent";
  const [, payload = "", given = ""] = MARKER_LINE.exec(body) ?? [];
  if (payload === "" || payload.length > MAX_PAYLOAD || !isSignedByAny(payload, given, keys)) return "unsigned";
  const data = MarkerData.safeParse(jsonFrom(payload));
  return data.success && data.data.task === task ? { data: data.data } : "unsigned";
}

function isSignedByAny(payload: string, given: string, keys: readonly string[]): boolean {
  const sent = Buffer.from(given, "base64url");
  const matches = keys
    .filter((key) => key !== "")
    .map((key) => signature(payload, key))
    .map((expected) => expected.length === sent.length && timingSafeEqual(expected, sent));
  return matches.includes(true);
}

/** Only called on what one of our keys signed, so it is JSON of ours. */
function jsonFrom(payload: string): unknown {
  return JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
}
