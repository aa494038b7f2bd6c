import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles `src/<entry>` as `npm run build` does, into `folder`; returns the file. */
export async function bundleWorker(entry: string, folder: string): Promise<string> {
  const outfile = join(folder, 'worker.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, '../../src', entry)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  });
  return outfile;
}
