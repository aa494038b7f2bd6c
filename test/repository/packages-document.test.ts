import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OPERATOR_RULES } from '../../src/kudo/lint-operator-rules.ts';
import { PARAMETER_RULES } from '../../src/kudo/lint-parameter-rules.ts';
import type { FindingRule } from '../../src/kudo/lint-rule.ts';

const DOCUMENT = join(import.meta.dirname, '../../docs/packages.md');

test('docs/packages.md lists every finding as it is in the code (npx vitest -u writes it)', async () => {
  const document = await readFile(DOCUMENT, 'utf8');
  const [before, start, end, after] = document.split(/(<!-- findings:.*-->\n)[^]*?(<!-- end of)/);
  const list = [
    section('Files, plans and tasks', OPERATOR_RULES),
    section('Parameters and templates', PARAMETER_RULES),
  ].join('\n');
  await expect([before, start, '\n', list, '\n', end, after].join('')).toMatchFileSnapshot(
    DOCUMENT,
  );
});

function section(title: string, rules: Readonly<Record<string, FindingRule>>): string {
  const items = Object.entries(rules).map(([id, rule]) => {
    const { severity, kudo, runs, says, cure } = rule;
    const marks = [
      severity,
      ...(runs ? ['in Syncs and `validate`'] : []),
      ...(kudo ? ["KUDO's verify"] : []),
    ];
    return `- **\`${id}\`** (${marks.join('; ')}): ${text(says)}.\n  _${text(cure)}_\n`;
  });
  return `### ${title}\n\n${items.join('')}`;
}

/** Code in a text, which Markdown would take for something else, as code. */
function text(plain: string): string {
  return plain.replaceAll(/\{\{.*?\}\}|"_"|(?<!\w)\.[A-Z]\w+(\.NAME)?/g, (code) => `\`${code}\``);
}
