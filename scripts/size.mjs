// Fails when a folder of src/ outgrows its budget (lines of code, tests aside). A larger budget needs
// a reason in docs/decisions/.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const BUDGET = {
  lib: 2300,
  model: 1700,
  kudo: 7400,
  source: 3700,
  desired: 3200,
  cluster: 4400,
  plan: 3400,
  act: 2200,
  forge: 4000,
  report: 2800,
  reconcile: 7000,
  engine: 3200,
  audit: 1100,
  web: 1800,
  sandbox: 9800,
  commands: 8000,
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
