/** Names the issues that wait for each other in a circle. */
import { issueRefFrom, type TaskId } from "../domain/ids.ts";

/** The comment's text, without its key line; `circle` begins and ends with the same issue. */
export function circleComment(circle: readonly TaskId[]): string {
  const [first] = circle;
  const home = first && issueRefFrom(first).repository;
  const names = circle.map((id) => (issueRefFrom(id).repository === home ? `#${issueRefFrom(id).number}` : id));
  return [
    "### 🔄 These issues wait for each other",
    `${names.join(" waits for ")}. None of them can begin.`,
    "**Go on with:** take one of the `Blocked by` lines, or dependencies, away. I notice it by myself.",
    "<sub>`/status` `/why` `/help`</sub>",
  ].join("\n\n");
}
