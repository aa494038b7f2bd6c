import {
  describeChange,
  isMetadataKind,
  describeUpgrade,
  editsOf as changeEdits,
  type Change,
  type ParameterEdit,
} from '../model/change.ts';
import type { Problem } from '../model/problem.ts';
import { editDiff } from '../report/edit-diff.ts';
import { runCounts, runLines, runReport } from './diff-runs.ts';
import { MASK } from './masked-instance.ts';
import { counted } from './output.ts';
import type { ClusterPlan } from './plan-against-cluster.ts';
import { problemList } from './problem-lines.ts';
import type { Styles } from './styles.ts';
import { printable } from './table.ts';

/** The plan for people: what is created and changed, in the order in which KUDO is asked for it. */
export function diffText(plan: ClusterPlan, folder: string, styles: Styles): string {
  const versions = [
    ...plan.newVersions.map((key) => styles.green(`+ OperatorVersion ${key}\n`)),
    ...plan.replacedVersions.map((key) =>
      styles.cyan(`~ OperatorVersion ${key}: replaced by other content\n`),
    ),
  ];
  const instances = plan.instances.flatMap(({ changes, problems, notes, waitsFor = [] }) => [
    ...(problems.some(isError) ? [] : changes.map((change) => changeText(change, plan, styles))),
    ...(problems.some(isError) ? [] : waitsFor.map((key) => styles.dim(`    after ${key}\n`))),
    ...notes.map((note) => styles.dim(`· ${printable(note)}\n`)),
  ]);
  const removed = plan.removed.map((key) =>
    styles.yellow(`· Instance ${key}: not in these files; it would not be deleted\n`),
  );
  const problems = problemList(problemsOf(plan), folder, styles);
  const runs = runLines(plan.runs, styles);
  return [problems, ...versions, ...instances, ...removed, ...runs, summary(plan, styles)].join('');
}

function changeText(change: Change, { secretsOf }: ClusterPlan, styles: Styles): string {
  const plan = change.plan === '-' ? 'no plan runs' : `plan ${change.plan}`;
  const isNew = change.kind === 'create';
  const title = `${isNew ? '+' : '~'} Instance ${change.key}: ${titleOf(change)} (${plan})\n`;
  const head = isNew ? styles.green(title) : styles.cyan(title);
  const lines = editsOf(change, secretsOf).flatMap((edit) => editDiff(edit, false));
  return head + lines.map((line) => `    ${paintLine(printable(line), styles)}\n`).join('');
}

function titleOf(change: Change): string {
  if (change.kind === 'upgrade') return describeUpgrade(change);
  return change.kind === 'set-parameters' ? 'set parameters' : describeChange(change);
}

function paintLine(line: string, styles: Styles): string {
  if (line.startsWith('+')) return styles.green(line);
  if (line.startsWith('-')) return styles.red(line);
  return line;
}

function editsOf(change: Change, secretsOf: ClusterPlan['secretsOf']): readonly ParameterEdit[] {
  if (change.kind !== 'create') return changeEdits(change);
  const secrets = secretsOf(change.desired);
  return Object.entries(change.desired.parameters).map(([name, to]) => ({
    name,
    from: undefined,
    to,
    secret: secrets.has(name),
  }));
}

function summary(plan: ClusterPlan, styles: Styles): string {
  const { instances, problems } = plan;
  const errors = errorsOf(plan).length;
  const changing = instances.filter(
    ({ changes, problems: own }) => changes.length > 0 && !own.some(isError),
  );
  const changes = changing.reduce((sum, one) => sum + one.changes.length, 0);
  const counts = [
    ...(plan.newVersions.length > 0
      ? [`${counted(plan.newVersions.length, 'OperatorVersion')} to create`]
      : []),
    ...(plan.replacedVersions.length > 0
      ? [`${counted(plan.replacedVersions.length, 'OperatorVersion')} to replace`]
      : []),
    ...(changes > 0
      ? [`${counted(changes, 'change')} of ${counted(changing.length, 'Instance')}`]
      : []),
    ...runCounts(plan.runs),
    ...(errors > 0 ? [styles.red(counted(errors, 'error'))] : []),
  ];
  if (counts.length > 0) return `${counts.join(', ')}\n`;
  const warned = problems.length > 0 ? ' apart from the warnings' : '';
  return styles.green(`the cluster is as these files say${warned}\n`);
}

const isError = ({ severity }: Problem): boolean => severity === 'error';

/** What keeps the files, or some of them, from being carried out. */
export function errorsOf(plan: ClusterPlan): readonly Problem[] {
  return problemsOf(plan).filter(isError);
}

function problemsOf(plan: Pick<ClusterPlan, 'problems' | 'instances'>): readonly Problem[] {
  return [...plan.problems, ...plan.instances.flatMap(({ problems }) => problems)];
}

/** True when a rollout of the files would change something. */
export function hasDifferences(plan: ClusterPlan): boolean {
  const { newVersions, replacedVersions, instances } = plan;
  if (newVersions.length + replacedVersions.length > 0) return true;
  if (runCounts(plan.runs).length > 0) return true;
  return instances.some(({ changes }) => changes.length > 0);
}

/** The plan for programs; secret values are masked. */
export function diffReport(plan: ClusterPlan): unknown {
  return {
    differs: hasDifferences(plan),
    operatorVersions: [
      ...plan.newVersions.map((key) => ({ key, change: 'create' })),
      ...plan.replacedVersions.map((key) => ({ key, change: 'replace' })),
    ],
    instances: plan.instances
      .filter(({ changes, problems, notes }) => changes.length + problems.length + notes.length > 0)
      .map(({ key, changes, problems, notes, waitsFor = [] }) => ({
        key,
        ...(waitsFor.length > 0 ? { after: waitsFor } : {}),
        changes: changes.map((change) => ({
          kind: change.kind,
          plan: change.plan,
          ...(change.kind === 'create' ? { to: change.desired.operatorVersion.name } : {}),
          ...(change.kind === 'upgrade' ? { from: change.from, to: change.to.name } : {}),
          ...(isMetadataKind(change.kind) ? { summary: describeChange(change) } : {}),
          parameters: editsOf(change, plan.secretsOf).map(maskEdit),
        })),
        problems,
        notes,
      })),
    removed: plan.removed,
    ...runReport(plan.runs),
    problems: plan.problems,
  };
}

function maskEdit(edit: ParameterEdit): ParameterEdit {
  if (!edit.secret) return edit;
  const [from, to] = [edit.from, edit.to].map((value) => (value === undefined ? value : MASK));
  return { ...edit, from, to };
}
