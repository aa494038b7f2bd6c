// Fails when a folder of src/ outgrows its budget (lines of code, tests aside). A larger budget needs
// a reason in docs/decisions/.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const BUDGET = {
  lib: 1700,
  model: 900,
  kudo: 7000,
  source: 2300,
  desired: 1800,
  cluster: 3100,
  plan: 1200,
  act: 1200,
  forge: 800,
  report: 1500,
  reconcile: 3300,
  engine: 3000,
  audit: 700,
  web: 1200,
  sandbox: 8800,
  commands: 4600,
};

let failed = false;
for (const [folder, budget] of Object.entries(BUDGET)) {
  const lines = countLines(join('src', folder));
  if (lines <= budget) continue;
  failed = true;
  process.stderr.write(
    `src/${folder}: ${lines} lines, budget ${budget}: split it or argue for more\n`,
  );
}
process.exitCode = failed ? 1 : 0;

function countLines(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(
      (entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'),
    )
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .reduce((sum, text) => sum + text.split('\n').filter((line) => line.trim() !== '').length, 0);
}
