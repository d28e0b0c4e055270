/** What a reader finds in a log, before paths are judged and repetitions removed. */

/** A file as the tool wrote it, perhaps absolute or a `file://` address, with the line. */
export interface Place {
  readonly file: string;
  readonly line?: number;
}

/** One message of a tool. */
export interface RawFinding {
  /** Index of the log line it starts at. */
  readonly at: number;
  readonly severity: "error" | "warning";
  /** Candidates, best first: a diagnostic has one, a failure's stack several. */
  readonly places: readonly Place[];
  /** True: it means something without a place in the checkout, as a failing test does. */
  readonly standsAlone: boolean;
  readonly message: string;
}

/** Reads one tool's messages; lines are clean and short, and anything may be in them. */
export type FindingReader = (lines: readonly string[]) => readonly RawFinding[];

/** A reader for tools that write each message on one line. */
export function lineReader(read: (line: string) => Omit<RawFinding, "at" | "standsAlone"> | undefined): FindingReader {
  return (lines) =>
    lines.flatMap((line, at) => {
      const found = read(line);
      return found ? [{ ...found, at, standsAlone: false }] : [];
    });
}

/** The place of a match's `file` and `line` groups. */
export function placeOf(groups: Readonly<Record<string, string | undefined>> | undefined): Place {
  const line = Number(groups?.line);
  return { file: groups?.file ?? "", ...(Number.isSafeInteger(line) && line > 0 ? { line } : {}) };
}
