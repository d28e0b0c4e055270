/** What becomes of a command's output before anybody sees it: masked, with short lines, and bounded in the middle. */
import { StringDecoder } from "node:string_decoder";
import { createRedactingStream } from "../src/lib/redact.ts";

/** What follows in a longer line is left out; no person and no reader of findings wants it. */
const LINE_LIMIT = 64 * 1024;

const LINE_NOTE = " … (rest of the line left out)";

/** Text that passes in pieces; each call returns what can go on. */
export interface TextFilter {
  write(piece: string): string;
  end(): string;
}

/** Cuts every line after 64 KiB, and says so. */
export function createLineLimit(): TextFilter {
  let length = 0;
  const limited = (line: string): string => {
    const isComplete = line.endsWith("\n");
    const content = isComplete ? line.slice(0, -1) : line;
    const room = Math.max(0, LINE_LIMIT - length);
    const isFirstCut = content.length > room && length <= LINE_LIMIT;
    length = isComplete ? 0 : length + content.length;
    return `${content.slice(0, room)}${isFirstCut ? LINE_NOTE : ""}${isComplete ? "\n" : ""}`;
  };
  return {
    write: (piece) => (piece.match(/[^\n]*\n|[^\n]+$/g) ?? []).map(limited).join(""),
    end: () => "",
  };
}

/** Lets the first half of `limit` characters pass as they come, and keeps the last half for the end. */
export function createHeadAndTail(limit: number): TextFilter {
  const half = Math.floor(limit / 2);
  let headRoom = half;
  let leftOut = 0;
  let tail = "";
  const keepTail = (text: string) => {
    tail += text;
    // Cutting at twice the size keeps the cost of each piece constant.
    if (tail.length <= 2 * half) return;
    leftOut += tail.length - half;
    tail = tail.slice(-half);
  };
  return {
    write: (piece) => {
      const head = piece.slice(0, headRoom);
      headRoom -= head.length;
      keepTail(piece.slice(head.length));
      return head;
    },
    end: () => {
      const kept = half === 0 ? "" : tail.slice(-half);
      const missing = leftOut + tail.length - kept.length;
      return missing === 0 ? kept : `\n… ${missing} characters left out …\n${kept}`;
    },
  };
}

/** How output is to be kept. */
export interface OutputOptions {
  readonly secrets: readonly string[];
  /** Roughly what reaches `sink` in all. */
  readonly limitBytes: number;
  /** Gets text that is fit to be seen, a few lines at a time. */
  readonly sink: (text: string) => void;
}

/** Output on its way to a log. */
export interface OutputLog {
  write(chunk: Buffer | string): void;
  /** Gives the rest to the sink; nothing may be written after it. */
  end(): void;
}

/** Masks, cuts long lines, bounds, and hands on what is left as it comes. */
export function createOutputLog({ secrets, limitBytes, sink }: OutputOptions): OutputLog {
  const decoder = new StringDecoder("utf8");
  const filters: readonly TextFilter[] = [
    createRedactingStream(secrets),
    createLineLimit(),
    createHeadAndTail(limitBytes),
  ];
  const pass = (text: string) => {
    const passed = filters.reduce((piece, filter) => filter.write(piece), text);
    if (passed !== "") sink(passed);
  };
  return {
    write: (chunk) => pass(typeof chunk === "string" ? chunk : decoder.write(chunk)),
    end: () => {
      pass(decoder.end());
      const rest = filters.reduce((piece, filter) => filter.write(piece) + filter.end(), "");
      if (rest !== "") sink(rest);
    },
  };
}
