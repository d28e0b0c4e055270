/** Finds what would make the provider itself fetch or connect to somewhere for the agent: a way out past the sandbox. */

// Client tools that Anthropic defines: they run where the agent runs, so they open nothing.
const CLIENT_TOOLS = /^(?:custom$|bash_|text_editor_|computer_|memory_|tool_search_tool_)/;

/** What in this Messages body reaches outside, in words; absent: nothing. */
export function outsideReach(body: Readonly<Record<string, unknown>>): string | undefined {
  if (Array.isArray(body.mcp_servers) && body.mcp_servers.length > 0) return "mcp_servers";
  const tool = asArray(body.tools)
    .map(typeOf)
    .find((type) => type !== undefined && !CLIENT_TOOLS.test(type));
  if (tool !== undefined) return `server tool ${printable(tool)}`;
  return [body.system, body.messages].some(hasUrlSource) ? "a source of type url" : undefined;
}

/** Without recursion, for a body may be nested deeper than the stack. Arguments of tools are data that nobody fetches. */
function hasUrlSource(root: unknown): boolean {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (!isRecord(value) || value.type === "tool_use") continue;
    if (typeOf(value.source) === "url") return true;
    for (const child of Object.values(value)) if (isRecord(child)) open.push(child);
  }
  return false;
}

function typeOf(value: unknown): string | undefined {
  return isRecord(value) && typeof value.type === "string" ? value.type : undefined;
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function printable(text: string): string {
  return text.replace(/[^\w.-]/g, "?").slice(0, 40);
}
