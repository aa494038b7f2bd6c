import { Command } from 'commander';
import type { KubeClient } from '../cluster/kube-client.ts';
import { EVENTS, INSTANCES, ROLLOUTS } from '../cluster/resources.ts';
import type { Instance } from '../kudo/objects.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf, type KubeObject, type ObjectKey } from '../model/kube-object.ts';
import { oidOf, shortOid } from '../model/revision.ts';
import type { Rollout } from '../model/rollout.ts';
import { maskSecrets } from '../plan/mask-secrets.ts';
import { humanAge } from '../sandbox/human-age.ts';
import type { CommandContext } from './command-context.ts';
import { secretValuesReader } from './instance-secrets.ts';
import {
  listAll,
  type NamespacedOptions,
  openCluster,
  withClusterOptions,
} from './open-cluster.ts';
import { isStructured, outputOption, structured, withExamples } from './output.ts';
import { paintState, stylesFor } from './styles.ts';
import { Table } from './table.ts';

interface EventsOptions extends NamespacedOptions {
  readonly allNamespaces?: boolean;
  readonly for?: string;
  readonly output: 'table' | 'wide' | 'json' | 'yaml';
}

/** `kudo-gitops events`: what happened to Syncs, Rollouts and Instances, oldest first. */
export function eventsCommand(context: CommandContext): Command {
  const command = withClusterOptions(
    new Command('events').description(
      'show what happened to Syncs, Rollouts and Instances: verdicts, changes, and the events of the engine; oldest first',
    ),
  )
    .option(
      '-n, --namespace <name>',
      "namespace to look into; the kubeconfig context's when absent",
    )
    .option('-A, --all-namespaces', 'look into every namespace')
    .option('--for <kind/name>', 'only those of one object: sync/…, rollout/… or instance/…')
    .addOption(outputOption(['table', 'wide', 'json', 'yaml']))
    .action(async (options: EventsOptions) => {
      await events(options, context);
    });
  return withExamples(command, [
    ['In one namespace', 'events -n shop'],
    ['Of one Instance, with whole messages', 'events --for instance/orders -n shop -o wide'],
  ]);
}

/** Something that happened, as it is printed. */
export interface Happening {
  /** ISO 8601. */
  readonly time: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly namespace: string;
  /** `instance/orders` */
  readonly object: string;
  readonly message: string;
  /** The Sync it was done for, where that is known. */
  readonly sync?: string;
}

async function events(options: EventsOptions, context: CommandContext): Promise<void> {
  const wanted = parseFor(options.for);
  const { client, namespace } = await openCluster(options, context);
  const where = options.allNamespaces === true ? undefined : namespace;
  const all = [
    ...(await kubeEvents(client, where, context.scope)),
    ...(await rolloutHappenings(client, where, context.scope)),
  ];
  const shown = all
    .filter((one) => wanted === undefined || isOf(one, wanted))
    .toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  const { output } = options;
  if (isStructured(output)) {
    context.out(structured(shown, output));
    return;
  }
  if (shown.length === 0) {
    context.err(`No events found${where === undefined ? '' : ` in namespace ${where}`}.\n`);
    return;
  }
  context.out(tableOf(shown, output === 'wide', where === undefined, context));
}

function tableOf(
  shown: readonly Happening[],
  isWide: boolean,
  hasNamespace: boolean,
  context: CommandContext,
): string {
  const styles = stylesFor(context);
  const now = context.scope.clock.now();
  const table = new Table<Happening>(
    [
      ...(hasNamespace
        ? [{ header: 'NAMESPACE', text: ({ namespace }: Happening) => namespace }]
        : []),
      { header: 'LAST SEEN', text: ({ time }) => humanAge(time, now) },
      {
        header: 'TYPE',
        text: ({ type }) => type,
        paint: (text) => (text === 'Warning' ? styles.yellow(text) : text),
      },
      { header: 'REASON', text: ({ reason }) => reason, paint: (text) => paintState(text, styles) },
      { header: 'OBJECT', text: ({ object }) => object },
      { header: 'MESSAGE', text: ({ message }) => message },
    ],
    shown,
    isWide,
  );
  return [table.header, ...shown.map((one) => table.row(one))].join('');
}

function parseFor(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const [, kind, name] = /^(sync|rollout|instance)s?\/(.+)$/.exec(text) ?? [];
  if (kind !== undefined && name !== undefined) return `${kind}/${name}`;
  throw new Failure('invalid', `--for ${text} names no object`, {
    hint: 'write sync/<name>, rollout/<name> or instance/<name>',
  });
}

const isOf = ({ object, sync }: Happening, wanted: string): boolean =>
  object === wanted || (sync !== undefined && wanted === `sync/${sync}`);

interface KubeEvent extends KubeObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly involvedObject?: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly name?: string;
    readonly namespace?: string;
  };
}

/** Groups of the objects that matter here. */
const OURS = /^(gitops\.)?kudo\.dev\//;

async function kubeEvents(
  client: KubeClient,
  namespace: string | undefined,
  scope: Scope,
): Promise<readonly Happening[]> {
  const found = await listAll<KubeEvent>(client, { ...EVENTS, namespace }, scope);
  const instances = await listAll<Instance>(client, { ...INSTANCES, namespace }, scope);
  const secretsOf = await secretValuesReader(client, scope);
  const secrets = new Map(instances.map((instance) => [keyOf(instance), secretsOf(instance)]));
  return found
    .filter(({ involvedObject }) => OURS.test(involvedObject?.apiVersion ?? ''))
    .map((event) => happeningOf(event, secrets));
}

const timeOf = ({ metadata, lastTimestamp, eventTime }: KubeEvent): string =>
  lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';

function happeningOf(
  event: KubeEvent,
  secrets: ReadonlyMap<ObjectKey, readonly string[]>,
): Happening {
  const { type, reason = '', message = '' } = event;
  const { kind = '', name = '', namespace = '' } = event.involvedObject ?? {};
  return {
    time: timeOf(event),
    type: type === 'Warning' ? 'Warning' : 'Normal',
    reason,
    namespace,
    object: `${kind.toLowerCase()}/${name}`,
    message: maskSecrets(message, secrets.get(`${namespace}/${name}`) ?? []),
  };
}

/** The service keeps its own record: Rollouts and their changes. */
async function rolloutHappenings(
  client: KubeClient,
  namespace: string | undefined,
  scope: Scope,
): Promise<readonly Happening[]> {
  const rollouts = await listAll<Rollout>(client, { ...ROLLOUTS, namespace }, scope);
  return rollouts.flatMap((rollout) => [...verdicts(rollout), ...changes(rollout)]);
}

function verdicts({ metadata, spec, status }: Rollout): readonly Happening[] {
  const { namespace = '', name } = metadata;
  const about = { namespace, object: `rollout/${name}`, sync: spec.sync };
  const commit = `${shortOid(oidOf(spec.revision))} ${spec.subject} (${spec.author})`;
  const time = status?.startedAt ?? metadata.creationTimestamp ?? '';
  const begun: Happening = { ...about, time, type: 'Normal', reason: 'started', message: commit };
  const { phase, finishedAt, message = '' } = status ?? {};
  if (phase === undefined || finishedAt === undefined) return [begun];
  const type = phase === 'failed' ? 'Warning' : 'Normal';
  return [begun, { ...about, time: finishedAt, type, reason: phase, message }];
}

function changes(rollout: Rollout): readonly Happening[] {
  return Object.entries(rollout.status?.changes ?? {}).flatMap(([key, change]): Happening[] => {
    const { finishedAt, state, plan, message } = change;
    if (finishedAt === undefined) return [];
    const [namespace = '', name = ''] = key.split('/');
    const ran = plan === '' || plan === '-' ? 'changed' : `plan ${plan}`;
    return [
      {
        time: finishedAt,
        type: state === 'failed' ? 'Warning' : 'Normal',
        reason: state,
        namespace,
        object: `instance/${name}`,
        message: [ran, message].filter((text) => text !== undefined && text !== '').join(': '),
        sync: rollout.spec.sync,
      },
    ];
  });
}
