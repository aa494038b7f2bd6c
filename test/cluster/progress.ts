/** Says what is going on, one line at a time. */
export type Log = (line: string) => void;

/** Progress goes to stderr, so that a test's own output stays readable. */
export const logToStderr: Log = (line) => {
  process.stderr.write(`[cluster] ${line}\n`);
};
