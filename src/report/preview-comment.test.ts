import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Change, InstancePlan } from '../model/change.ts';
import type { DesiredInstance } from '../model/desired.ts';
import type { Problem } from '../model/problem.ts';
import { MAX_COMMENT, previewComment, previewMarker, type Preview } from './preview-comment.ts';
import { previewStatus } from './preview-status.ts';

const place = { file: 'shop/orders.yaml', line: 9, column: 5 };

function aPreview(given: Partial<Preview>): Preview {
  return {
    target: 'prod/shop/fleet',
    headSha: '0123456789012345678901234567890123456789',
    plans: [],
    problems: [],
    notes: [],
    hidesLiveValues: false,
    secretsOf: () => new Set(['PASSWORD']),
    ...given,
  };
}

function aPlan(changes: readonly Change[], given: Partial<InstancePlan> = {}): InstancePlan {
  return { key: 'shop/orders', changes, problems: [], notes: [], ...given };
}

function setParameters(plan: string, ...edits: readonly (readonly [string, string, string])[]) {
  return {
    key: 'shop/orders' as const,
    kind: 'set-parameters' as const,
    plan,
    edits: edits.map(([name, from, to]) => ({ name, from, to, secret: name === 'PASSWORD' })),
  };
}

const created: DesiredInstance = {
  key: 'shop/orders',
  namespace: 'shop',
  name: 'orders',
  operatorVersion: { name: 'queue-1.0.0' },
  parameters: { BROKERS: '3', PASSWORD: 'hunter2' },
  labels: {},
  annotations: {},
  position: place,
  operatorVersionPosition: place,
  parameterPositions: {},
};

const unknown: Problem = {
  id: 'unknown-parameter',
  severity: 'error',
  ...place,
  message: 'queue-1.0.0 has no parameter BROKRES',
  hint: 'did you mean BROKERS?',
};

describe('the comment', () => {
  test('shows two groups of parameters as two plans, and their values in a fold', () => {
    const plan = aPlan([
      setParameters('update', ['BROKERS', '3', '5']),
      setParameters('topics', ['TOPICS', 'orders: 6\n', 'orders: 6\nrefunds: 2\n']),
    ]);
    expect(previewComment(aPreview({ plans: [plan] })))
      .toBe(`<!-- kudo-gitops preview prod/shop/fleet -->
### Merging \`0123456\` into \`prod/shop/fleet\`

**2 changes on 1 Instance**

| Instance | change | plan |
|---|---|---|
| \`shop/orders\` | \`BROKERS\` | \`update\` |
|  | \`TOPICS\` | \`topics\` |

<details><summary>shop/orders: parameters</summary>

\`\`\`diff
- BROKERS: 3
+ BROKERS: 5
  TOPICS:
    orders: 6
+   refunds: 2
\`\`\`

</details>
`);
  });

  test('names the phases of a plan where they are known', () => {
    const change = setParameters('update', ['BROKERS', '3', '5']);
    const phases = new Map([[change, ['config', 'nodes']]]);
    const comment = previewComment(aPreview({ plans: [aPlan([change])], phases }));
    expect(comment).toContain('| `update: config → nodes` |');
  });

  test('shows an Instance with an error as left alone, and the error with its place', () => {
    const plan = aPlan([setParameters('update', ['BROKERS', '3', '5'])], { problems: [unknown] });
    const comment = previewComment(aPreview({ plans: [plan] }));
    expect(comment).toContain('**no changes, 1 problem**');
    expect(comment).toContain('| `shop/orders` | left as it is, see the problems | – |');
    expect(comment).toContain(
      '- ❌ `shop/orders.yaml:9:5` `queue-1.0.0 has no parameter BROKRES` → `did you mean BROKERS?`',
    );
  });

  test('says so when nothing changes', () => {
    const comment = previewComment(aPreview({ plans: [aPlan([])] }));
    expect(comment).toContain('**no changes**');
    expect(comment).not.toContain('| Instance |');
  });

  test('never shows a secret', () => {
    const create: Change = { key: 'shop/orders', kind: 'create', plan: 'deploy', desired: created };
    const edit = setParameters('update', ['PASSWORD', 'hunter1', 'hunter2']);
    const comment = previewComment(aPreview({ plans: [aPlan([create, edit])] }));
    expect(comment).toContain('+ BROKERS: 3');
    expect(comment).not.toContain('hunter');
  });

  test("never shows a stranger's pull request what the cluster holds", () => {
    const plan = aPlan([setParameters('update', ['BROKERS', '31', '5'])], {
      notes: ['shop/orders: MODE fast → safe differs from Git'],
    });
    const comment = previewComment(aPreview({ plans: [plan], hidesLiveValues: true }));
    expect(comment).toContain('+ BROKERS: 5');
    expect(comment).not.toContain('31');
    expect(comment).not.toContain('fast');
  });

  test('takes markup, mentions and fences in names and values as text', () => {
    const evil = '</details><script>x</script> @everyone | ``` [a](http://b) \u202e';
    const plan = aPlan([setParameters('update', [evil, evil, `${evil}\n\`\`\`\n# big`])]);
    const comment = previewComment(
      aPreview({ plans: [plan], problems: [{ ...unknown, message: evil }] }),
    );
    expect(comment).not.toContain('\u202e');
    const outside = comment
      .replace(/^(`{3,})diff$[^]*?^\1$/gm, '')
      .replace(/(`+)[^]*?[^`]\1(?!`)/g, '');
    expect(outside).not.toContain('script');
    expect(outside).not.toContain('@everyone');
    expect(outside.split('\n').filter((line) => line.startsWith('| '))).toEqual([
      '| Instance | change | plan |',
      '|  |  |  |',
    ]);
  });

  test('is cut at whole Instances', () => {
    const plans = Array.from({ length: 500 }, (_, index) =>
      aPlan([setParameters('update', ['NOTES', 'a'.repeat(150), 'b'.repeat(150)])], {
        key: `shop/orders-${index}`,
      }),
    );
    const comment = previewComment(aPreview({ plans, problems: [unknown] }));
    expect(comment.length).toBeLessThanOrEqual(MAX_COMMENT);
    expect(comment).toMatch(/… and \d+ more Instances, for which there is no room here/);
    expect(comment.match(/<details>/g)?.length).toBe(comment.match(/<\/details>/g)?.length);
    expect(comment).toContain('BROKRES');
  });

  test('fits, whatever stands in it', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 50 }),
      fc.constantFrom('`'.repeat(5_000), '|'.repeat(5_000), 'x\n'.repeat(3_000)),
    );
    const edit = fc.tuple(text, text, text);
    const problem = text.map((message) => ({ ...unknown, message, hint: message, file: message }));
    fc.assert(
      fc.property(
        fc.array(edit, { maxLength: 40 }),
        fc.array(problem, { maxLength: 60 }),
        fc.array(text, { maxLength: 60 }),
        (edits, problems, notes) => {
          const plans = edits.map((one) => aPlan([setParameters('update', one)]));
          const comment = previewComment(aPreview({ plans, problems, notes }));
          expect(comment.length).toBeLessThanOrEqual(MAX_COMMENT);
        },
      ),
      { numRuns: 30 },
    );
  });
});

test('where HTML is shown as text the comment has none, and is as short as it must be', () => {
  const style = { maxLength: 32_000, rendersHtml: false };
  const plans = Array.from({ length: 500 }, (_, index) =>
    aPlan([setParameters('update', ['NOTES', 'a'.repeat(150), 'b'.repeat(150)])], {
      key: `shop/orders-${index}`,
    }),
  );
  const comment = previewComment(aPreview({ plans, problems: [unknown] }), style);
  expect(comment.length).toBeLessThanOrEqual(32_000);
  expect(comment).not.toMatch(/<\/?[a-z!]/);
  expect(comment.startsWith('[//]: # (kudo-gitops preview prod/shop/fleet)\n\n###')).toBe(true);
  expect(comment).toContain('`shop/orders-0`: parameters\n\n```diff\n');
  expect(comment).toContain(previewMarker('prod/shop/fleet', style).trim());
});

test('each Sync finds its own comment', () => {
  expect(previewMarker('prod/shop/fleet')).not.toBe(previewMarker('prod/shop/other'));
  expect(previewMarker('a --> b')).toBe('<!-- kudo-gitops preview a--b -->');
});

test.each([
  {
    why: 'a success that counts the changes',
    given: aPreview({ plans: [aPlan([setParameters('update', ['BROKERS', '3', '5'])])] }),
    expected: 'success 1 change on 1 Instance',
  },
  {
    why: 'a failure with the first error and its place',
    given: aPreview({ problems: [{ ...unknown, severity: 'warning' }, unknown] }),
    expected:
      'failure no changes, 1 problem: shop/orders.yaml:9: queue-1.0.0 has no parameter BROKRES',
  },
])('the status is $why', ({ given, expected }) => {
  const { state, description } = previewStatus(given, undefined);
  expect(`${state} ${description}`).toBe(expected);
});

test('two Syncs on one repository have a status each, which leads to their place', () => {
  const [one, other] = ['prod/shop/fleet', 'test/shop/fleet'].map((target) =>
    previewStatus(aPreview({ target }), `https://pages.example/#${target}`),
  );
  expect(one?.context).toBe('kudo-gitops/preview/prod/shop/fleet');
  expect(other?.context).toBe('kudo-gitops/preview/test/shop/fleet');
  expect(one?.targetUrl).toBe('https://pages.example/#prod/shop/fleet');
});
