// Bundles src/main.ts to dist/kudo-gitops.js and every src/**/*.worker.ts to a file beside it.
import { readFileSync } from 'node:fs';
import { chmod, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Files below `folder` that end with `.worker.ts`. */
async function workers(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.worker.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/**
 * Of the Kubernetes client only what reads a kubeconfig is used. Its package leads from there to a model of
 * every kind of object and to all of undici, which would stand in memory for nothing.
 */
const kubeconfigAlone = {
  name: 'kubeconfig-alone',
  setup({ onResolve, resolve }) {
    const isInClient = /[\\/]node_modules[\\/]@kubernetes[\\/]client-node[\\/]/;
    onResolve({ filter: /^@kubernetes\/client-node$/ }, (from) =>
      resolve(`${from.path}/dist/config.js`, { kind: from.kind, resolveDir: from.resolveDir }),
    );
    onResolve({ filter: /^(undici|\.\/gen\/index\.js)$/ }, ({ path, importer }) => {
      if (!isInClient.test(importer)) return undefined;
      const parts = path === 'undici' ? 'parts-of-undici.mjs' : 'parts-of-client-node.mjs';
      return { path: fileURLToPath(new URL(parts, import.meta.url)) };
    });
  },
};

const common = {
  bundle: true,
  plugins: [kubeconfigAlone],
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  // What stands in the bundle stays in memory: 14 MB less without its blanks and comments, 37 MB less at
  // the start without a map beside it. Names are kept, so that stack traces can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 200,
  legalComments: 'linked',
  logLevel: 'warning',
  define: { 'process.env.KUDO_GITOPS_VERSION': JSON.stringify(version) },
  // CommonJS dependencies inside an ES module bundle still call require().
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};

// Built beside and renamed, so that a failed build leaves the last one in place.
const building = `dist.${process.pid}`;
try {
  await bundle();
  await rm('dist', { recursive: true, force: true });
  await rename(building, 'dist');
} finally {
  await rm(building, { recursive: true, force: true });
}

async function bundle() {
  await build({
    ...common,
    entryPoints: { 'kudo-gitops': 'src/main.ts' },
    outdir: building,
    banner: { js: `#!/usr/bin/env node\n${common.banner.js}` },
  });
  const files = (await workers('src')).map((file) => [basename(file, '.ts'), file]);
  await build({ ...common, entryPoints: Object.fromEntries(files), outdir: building });
  const program = `${building}/kudo-gitops.js`;
  await writeFile(program, withoutWideLetters(await readFile(program, 'utf8')));
  await chmod(program, 0o755);
}

/**
 * One letter outside Latin-1 doubles what the whole text takes in memory. esbuild escapes those in strings;
 * this does it in regular expressions and tagged templates.
 */
function withoutWideLetters(text) {
  return text.replace(
    /[\u0100-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
