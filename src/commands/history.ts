import { Command } from 'commander';
import { instanceHistory } from '../audit/instance-history.ts';
import type { InstanceHistory } from '../audit/join-history.ts';
import { getIfThere } from '../cluster/apply-object.ts';
import { INSTANCES, pathOf, ROLLOUT_PARTS, ROLLOUTS, SYNCS } from '../cluster/resources.ts';
import type { KubeClient } from '../cluster/kube-client.ts';
import { suggestionHint } from '../desired/suggest.ts';
import type { Instance } from '../kudo/objects.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import { keyOf, type ObjectKey } from '../model/kube-object.ts';
import { ANNOTATION } from '../model/names.ts';
import { followedRef, refPrefixes } from '../model/git-ref.ts';
import type { Rollout, RolloutPart } from '../model/rollout.ts';
import type { Sync } from '../model/sync.ts';
import { fetchHead, headOf } from '../reconcile/look-at-repository.ts';
import { readRemote, readSettings, type SyncSettings } from '../reconcile/sync-settings.ts';
import { notedRollouts } from '../report/noted-rollouts.ts';
import { NOTES_REF } from '../report/rollout-note.ts';
import type { GitRemote, GitSource } from '../source/git-source.ts';
import type { CommandContext } from './command-context.ts';
import { historyText } from './history-text.ts';
import { instanceReader } from './instance-reader.ts';
import { readSync } from './named-sync.ts';
import {
  listAll,
  type NamespacedOptions,
  openCluster,
  type OpenCluster,
  withClusterOptions,
} from './open-cluster.ts';
import { counted, isStructured, outputOption, structured, withExamples } from './output.ts';
import { stylesFor } from './styles.ts';
import { withGitSource } from './with-git-source.ts';

export interface HistoryOptions extends NamespacedOptions {
  readonly sync?: string;
  readonly cluster?: string;
  readonly limit: string;
  readonly output: 'text' | 'json' | 'yaml';
}

/** `kudo-gitops history`: who changed an Instance in Git, when, how, and how its plans ended. */
export function historyCommand(context: CommandContext): Command {
  const command = withClusterOptions(
    new Command('history').description(
      'show who changed an Instance in Git, when and how, and how the plans ended; reads the repository of its Sync',
    ),
  )
    .argument('<instance>', 'name, or <namespace>/<name>')
    .option(
      '-n, --namespace <name>',
      "namespace of the Instance; the kubeconfig context's when absent",
    )
    .option(
      '--sync <namespace/name>',
      'the Sync whose repository to read; the one that made the Instance when absent',
    )
    .option(
      '--cluster <name>',
      "of which cluster the repository's Git notes count, when they tell of several",
    )
    .option('--limit <commits>', 'how many commits to look at', '200')
    .addOption(outputOption(['text', 'json', 'yaml']))
    .action(async (name: string, options: HistoryOptions) => {
      await history(name, options, context);
    });
  return withExamples(command, [
    ['Every commit that touched an Instance, and what became of it', 'history orders -n shop'],
    ['Also of an Instance that is gone', 'history shop/orders --sync shop/fleet'],
    ['For a program', 'history orders -n shop -o json'],
  ]);
}

/** Prints the history of an Instance, given by its name or `<namespace>/<name>`. */
export async function history(
  name: string,
  options: HistoryOptions,
  context: CommandContext,
): Promise<void> {
  const maxCommits = Number(options.limit);
  if (!Number.isInteger(maxCommits) || maxCommits < 1 || maxCommits > MAX_COMMITS) {
    throw new Failure(
      'invalid',
      `--limit ${options.limit} is not a number from 1 to ${MAX_COMMITS}`,
    );
  }
  const { scope } = context;
  const cluster = await openCluster(options, context);
  const key: ObjectKey = name.includes('/') ? (name as ObjectKey) : `${cluster.namespace}/${name}`;
  const sync =
    options.sync === undefined
      ? await findSync(key, cluster, scope)
      : await readSync(options.sync, cluster, scope);
  const settings = readSettings(sync);
  const wish = { key, settings, maxCommits, clusterName: options.cluster, warn: context.err };
  const found = await withGitSource(context, (source) => readHistory(wish, cluster, source, scope));
  const { output } = options;
  const at = { key, sync: keyOf(sync) };
  context.out(
    isStructured(output)
      ? structured({ instance: key, sync: at.sync, ...found }, output)
      : `${historyText(found, at, stylesFor(context))}${notesText(found)}`,
  );
}

const MAX_COMMITS = 10_000;

/** Whoever may push to the repository may have written them. */
function notesText({ fromNotes }: FoundHistory): string {
  if (fromNotes.length === 0) return '';
  return `\n${counted(fromNotes.length, 'rollout')} that the cluster no longer has: as told by ${NOTES_REF} of the repository\n`;
}

/** The Sync that made the Instance, else the only one there is. */
async function findSync(key: ObjectKey, { client }: OpenCluster, scope: Scope): Promise<Sync> {
  const instance = await getIfThere<Instance>(client, pathOf(INSTANCES, key), scope);
  const owner = instance?.metadata.annotations?.[ANNOTATION.owner];
  const syncs = await listAll<Sync>(client, SYNCS, scope);
  const made = syncs.find(({ metadata }) => owner === `${metadata.uid ?? ''}:${key}`);
  const [only] = syncs;
  if (made) return made;
  if (only && syncs.length === 1) return only;
  const why = instance ? 'was made by no Sync that is there' : 'does not exist';
  const elsewhere = instance ? undefined : await sameNameElsewhere(key, client, scope);
  const hint =
    elsewhere ??
    (syncs.length === 0
      ? 'there is no Sync yet'
      : `name the Sync with --sync; there: ${syncs.slice(0, 5).map(keyOf).join(', ')}`);
  throw new Failure('missing', `Instance ${key} ${why}`, { hint });
}

/** `did you mean <namespace>/<name>?` of an Instance of that name in another namespace. */
async function sameNameElsewhere(
  key: ObjectKey,
  client: KubeClient,
  scope: Scope,
): Promise<string | undefined> {
  const keys = (await listAll<Instance>(client, INSTANCES, scope)).map((one) => keyOf(one));
  const name = key.slice(key.indexOf('/'));
  const same = keys.find((other) => other.endsWith(name));
  return same === undefined ? suggestionHint(key, keys) : `did you mean ${same}?`;
}

interface HistoryWish {
  readonly key: ObjectKey;
  readonly settings: SyncSettings;
  readonly maxCommits: number;
  /** Whose notes count. */
  readonly clusterName: string | undefined;
  /** Tells a person what is missing. */
  readonly warn: (text: string) => void;
}

/** The history, and of which Rollouts only Git notes tell. */
interface FoundHistory extends InstanceHistory {
  readonly fromNotes: readonly string[];
}

async function readHistory(
  { key, settings, maxCommits, clusterName, warn }: HistoryWish,
  { client }: OpenCluster,
  source: GitSource,
  scope: Scope,
): Promise<FoundHistory> {
  const { namespace, name, paths } = settings;
  const remote = await readRemote(settings, client, scope);
  const prefixes = [...refPrefixes(followedRef(settings.ref)), NOTES_REF];
  const refs = await source.listRefs(remote, prefixes, scope);
  const chosen = headOf(settings, refs);
  await fetchHead({ remote, head: chosen }, source, scope);
  const head = chosen.oid;
  const all = await listAll<Rollout>(client, { ...ROLLOUTS, namespace }, scope);
  const own = all.filter(({ spec }) => spec.sync === name);
  const hasParts = own.some(({ status }) => (status?.parts ?? 0) > 0);
  const parts = hasParts
    ? await listAll<RolloutPart>(client, { ...ROLLOUT_PARTS, namespace }, scope)
    : [];
  const readInstance = await instanceReader({ key, settings, remote }, client, source, scope);
  const notes = refs.has(NOTES_REF)
    ? await readNotes(remote, { source, warn }, scope)
    : new Map<string, string>();
  const noted = notedRollouts(notes, own, { namespace, name, clusterName });
  const rollouts = [...noted, ...own];
  const query = { key, remote, head, maxCommits, paths, rollouts, parts };
  const fromNotes = noted.map(({ metadata }) => metadata.name);
  const found = { ...(await instanceHistory(query, source, readInstance, scope)), fromNotes };
  const isKnown = found.entries.length > 0 || found.otherRuns.length > 0;
  if (isKnown || (await readInstance(head, scope)) !== undefined) return found;
  const message = `no commit of sync/${namespace}/${name} that was looked at has Instance ${key}`;
  const hint = (await sameNameElsewhere(key, client, scope)) ?? 'see -n, --sync and --limit';
  throw new Failure('missing', message, { hint });
}

/** What Git and the cluster tell is worth having without the notes. */
async function readNotes(
  remote: GitRemote,
  { source, warn }: { readonly source: GitSource; readonly warn: HistoryWish['warn'] },
  scope: Scope,
): Promise<ReadonlyMap<string, string>> {
  try {
    return await source.readNotes(remote, NOTES_REF, scope);
  } catch (thrown) {
    scope.signal.throwIfAborted();
    if (!(thrown instanceof Failure)) throw thrown;
    const hint = thrown.hint === undefined ? '' : ` (${thrown.hint})`;
    warn(
      `warning: rollouts that only ${NOTES_REF} tells of are missing: ${thrown.message}${hint}\n`,
    );
    return new Map();
  }
}
