import { readDesired, type ReadDesiredOptions } from '../../src/desired/read-desired.ts';
import type { DesiredFile } from '../../src/desired/select-files.ts';
import { sha256 } from '../../src/lib/sha256.ts';

/** A whole repository, for namespace `shop`. */
export const READ_ALL: ReadDesiredOptions = {
  paths: ['.'],
  targetNamespace: 'shop',
  hash: sha256,
};

/** What these files, text by path, say of namespace `shop`. */
export function readFiles(
  files: Readonly<Record<string, string>>,
  given: Partial<ReadDesiredOptions> = {},
): ReturnType<typeof readDesired> {
  const list: DesiredFile[] = Object.entries(files).map(([path, text]) => ({ path, text }));
  return readDesired(list, { ...READ_ALL, ...given });
}

/** An Instance of `queue-1.0.0`. */
export const QUEUE = `apiVersion: kudo.dev/v1beta1
kind: Instance
metadata:
  name: orders
spec:
  operatorVersion:
    name: queue-1.0.0
  parameters:
    BROKERS: 3
`;

/** Problems as people see them in a terminal. */
export function problemLines({ problems }: ReturnType<typeof readDesired>): string[] {
  return problems.map(
    ({ severity, file, line, column, message, hint }) =>
      `${severity} ${file}:${line}:${column} ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}
