import { Argument, Command } from 'commander';
import type { KubeClient } from '../cluster/kube-client.ts';
import { INSTANCES, OPERATOR_VERSIONS, ROLLOUTS, SYNCS } from '../cluster/resources.ts';
import { suggestionHint } from '../desired/suggest.ts';
import type { Instance, OperatorVersion } from '../kudo/objects.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf, type KubeObject } from '../model/kube-object.ts';
import type { Rollout } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import type { CommandContext } from './command-context.ts';
import { type ColumnContext, instanceColumns, rolloutColumns, syncColumns } from './get-columns.ts';
import { showPlans } from './get-plans.ts';
import { maskInstance, secretsOf } from './masked-instance.ts';
import type { View, ViewOptions } from './object-printer.ts';
import {
  listAll,
  type NamespacedOptions,
  openCluster,
  withClusterOptions,
} from './open-cluster.ts';
import { isStructured, outputOption, withExamples } from './output.ts';
import { showObjects } from './show-objects.ts';
import { stylesFor } from './styles.ts';

interface GetOptions extends NamespacedOptions {
  readonly allNamespaces?: boolean;
  readonly output: ViewOptions['output'];
  readonly watch?: boolean;
}

/** `kudo-gitops get`: Syncs, Rollouts, Instances and their plans as they are in the cluster. */
export function getCommand(context: CommandContext): Command {
  const command = withClusterOptions(
    new Command('get').description('show Syncs, Rollouts, Instances or their plans'),
  )
    .addArgument(
      new Argument('<what>', 'syncs, rollouts, instances or plans').argParser(parseWanted),
    )
    .argument('[name]', 'show only this one')
    .option(
      '-n, --namespace <name>',
      "namespace to look into; the kubeconfig context's when absent",
    )
    .option('-A, --all-namespaces', 'look into every namespace')
    .addOption(outputOption(['table', 'wide', 'json', 'yaml', 'name']))
    .option('-w, --watch', 'go on and print what changes, until stopped')
    .action(async (what: Wanted, name: string | undefined, options: GetOptions) => {
      await get({ kind: what.kind, name: name ?? what.name }, options, context);
    });
  return withExamples(command, [
    ['How every Sync stands', 'get syncs -A'],
    ['What was rolled out in one namespace, with whole messages', 'get rollouts -n shop -o wide'],
    ['Follow the plans of the Instances, step by step', 'get plans -n shop -w'],
    ['How the plans of one Instance went', 'get plans orders -n shop'],
    ['One Instance with its status, as YAML', 'get instance orders -n shop -o yaml'],
  ]);
}

interface Wanted {
  readonly kind: View<KubeObject>['kind'] | 'plan';
  readonly name: string | undefined;
}

const KINDS: Readonly<Record<string, Wanted['kind']>> = {
  sync: 'sync',
  syncs: 'sync',
  rollout: 'rollout',
  rollouts: 'rollout',
  instance: 'instance',
  instances: 'instance',
  plan: 'plan',
  plans: 'plan',
};

/** `syncs`, or `sync/fleet` as kubectl takes it too. */
function parseWanted(text: string): Wanted {
  const [word = '', name] = text.toLowerCase().split('/');
  const kind = Object.hasOwn(KINDS, word) ? KINDS[word] : undefined;
  if (kind) return { kind, name };
  const hint =
    suggestionHint(word, Object.keys(KINDS)) ?? 'there are syncs, rollouts, instances and plans';
  throw new Failure('invalid', `get does not know ${JSON.stringify(word)}`, { hint });
}

async function get(wanted: Wanted, options: GetOptions, context: CommandContext): Promise<void> {
  const { client, namespace } = await openCluster(options, context);
  const { scope } = context;
  const selection = {
    client,
    namespace: options.allNamespaces === true ? undefined : namespace,
    name: wanted.name,
    output: options.output,
    watch: options.watch ?? false,
  };
  const columns: ColumnContext = {
    styles: stylesFor(context),
    now: () => scope.clock.now(),
    syncName: wanted.kind === 'instance' ? await syncNames(client, scope) : () => undefined,
  };
  switch (wanted.kind) {
    case 'sync':
      await showObjects<Sync>(syncView(columns), selection, context);
      break;
    case 'rollout':
      await showObjects<Rollout>(rolloutView(columns), selection, context);
      break;
    case 'plan':
      await showPlans(selection, context);
      break;
    case 'instance': {
      const shown = isStructured(options.output)
        ? await masking(client, scope)
        : withoutManagedFields;
      await showObjects<Instance>(instanceView(columns, shown), selection, context);
    }
  }
}

function syncView(columns: ColumnContext): View<Sync> {
  const shown = withoutManagedFields;
  return { kind: 'sync', resource: SYNCS, columns: syncColumns(columns), shown, order: byKey };
}

function rolloutView(context: ColumnContext): View<Rollout> {
  const [columns, shown] = [rolloutColumns(context), withoutManagedFields];
  return { kind: 'rollout', resource: ROLLOUTS, columns, shown, order: byRollout };
}

function instanceView(context: ColumnContext, shown: View<Instance>['shown']): View<Instance> {
  const columns = instanceColumns(context);
  return { kind: 'instance', resource: INSTANCES, columns, shown, order: byKey };
}

function withoutManagedFields<T extends KubeObject>(object: T): T {
  return { ...object, metadata: { ...object.metadata, managedFields: undefined } };
}

function byKey(a: KubeObject, b: KubeObject): number {
  return keyOf(a) < keyOf(b) ? -1 : 1;
}

/** Oldest first, so that the newest stands next to the prompt. */
function byRollout(a: Rollout, b: Rollout): number {
  if (syncOf(a) !== syncOf(b)) return syncOf(a) < syncOf(b) ? -1 : 1;
  return a.spec.sequence - b.spec.sequence;
}

function syncOf({ metadata, spec }: Rollout): string {
  return `${metadata.namespace ?? ''}/${spec.sync}`;
}

async function syncNames(client: KubeClient, scope: Scope): Promise<ColumnContext['syncName']> {
  const syncs = await listAll<Sync>(client, SYNCS, scope).catch(noneIfKept);
  const names = new Map(syncs.map((sync) => [sync.metadata.uid ?? '', keyOf(sync)]));
  return (uid) => names.get(uid);
}

/** A cluster may have Instances and no Syncs, and a person may be allowed to read one namespace only. */
function noneIfKept(thrown: unknown): readonly never[] {
  if (thrown instanceof Failure && (thrown.kind === 'missing' || thrown.kind === 'denied'))
    return [];
  throw thrown;
}

async function masking(client: KubeClient, scope: Scope): Promise<View<Instance>['shown']> {
  const listed = await listAll<OperatorVersion>(client, OPERATOR_VERSIONS, scope).catch(noneIfKept);
  const versions = new Map(listed.map((version) => [keyOf(version), version]));
  return (instance) =>
    maskInstance(
      instance,
      secretsOf(instance, (namespace, name) => versions.get(`${namespace}/${name}`)),
    );
}
