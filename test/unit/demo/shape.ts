/** The shape of JSON: keys and types, without the values. */

/** Types in place of values; lists keep their length, objects their keys. */
export function shapeOf(value: unknown): unknown {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object") return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, inner]) => [key, shapeOf(inner)]),
  );
}

/** Fields whose values do not depend on times, hashes and addresses. */
const TELLING = new Set([
  "body",
  "description",
  "draft",
  "login",
  "mergeable",
  "merged",
  "name",
  "number",
  "permission",
  "permissions",
  "state",
  "status",
  "title",
  "type",
  "is_admin",
  "is_locked",
  "removed_assignee",
  "content",
  "ref",
  "filename",
]);

/** The values of the telling fields, in place. */
export function tellingValues(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => tellingValues(item, key));
  if (value === null || typeof value !== "object") return TELLING.has(key) ? value : undefined;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([name, inner]) => [name, tellingValues(inner, TELLING.has(key) ? key : name)]),
  );
}
