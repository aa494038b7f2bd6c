import { Command } from 'commander';
import { Failure } from '../lib/failure.ts';
import { withSignal, type Scope } from '../lib/scope.ts';
import { humanAge } from '../sandbox/human-age.ts';
import type { CommandContext } from './command-context.ts';
import type { Happening } from './happenings.ts';
import { type NamespacedOptions, openCluster, withClusterOptions } from './open-cluster.ts';
import { openHappenings } from './open-happenings.ts';
import { isStructured, outputOption, structured, withExamples } from './output.ts';
import { paintState, stylesFor } from './styles.ts';
import { type Column, Table } from './table.ts';
import { untilStopped } from './until-stopped.ts';

interface EventsOptions extends NamespacedOptions {
  readonly allNamespaces?: boolean;
  readonly for?: string;
  readonly output: 'table' | 'wide' | 'json' | 'yaml';
  readonly watch?: boolean;
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
    .option('-w, --watch', 'go on and print what happens, until stopped')
    .action(async (options: EventsOptions) => {
      await events(options, context);
    });
  return withExamples(command, [
    ['In one namespace', 'events -n shop'],
    ['Go on while a rollout runs', 'events -n shop -w'],
    ['Of one Instance, with whole messages', 'events --for instance/orders -n shop -o wide'],
  ]);
}

async function events(options: EventsOptions, context: CommandContext): Promise<void> {
  const ended = new AbortController();
  try {
    await show(options, context, withSignal(context.scope, ended.signal));
  } finally {
    ended.abort(new Error('nobody reads on'));
  }
}

async function show(options: EventsOptions, context: CommandContext, scope: Scope): Promise<void> {
  const wanted = parseFor(options.for);
  const { client, namespace } = await openCluster(options, context);
  const where = options.allNamespaces === true ? undefined : namespace;
  const happenings = await openHappenings(client, where, scope);
  const chosen = (all: readonly Happening[]): readonly Happening[] =>
    all.filter((one) => wanted === undefined || isOf(one, wanted)).toSorted(byTime);
  const shown = chosen(happenings.all());
  const { output, watch = false } = options;
  if (shown.length === 0 && !watch && !isStructured(output)) {
    context.err(`No events found${where === undefined ? '' : ` in namespace ${where}`}.\n`);
    return;
  }
  const printer = happeningPrinter(shown, { output, watch, where }, context);
  context.out(printer.all(shown));
  if (!watch) return;
  happenings.follow((more) => {
    for (const one of chosen(more)) context.out(printer.one(one));
  });
  await untilStopped(scope);
}

const byTime = (a: Happening, b: Happening): number =>
  a.time < b.time ? -1 : a.time > b.time ? 1 : 0;

interface Printing extends Pick<EventsOptions, 'output'> {
  readonly watch: boolean;
  /** Undefined for every namespace. */
  readonly where: string | undefined;
}

interface Printer {
  all(shown: readonly Happening[]): string;
  one(happening: Happening): string;
}

function happeningPrinter(
  first: readonly Happening[],
  { output, watch, where }: Printing,
  context: CommandContext,
): Printer {
  if (isStructured(output)) {
    const separator = output === 'yaml' ? '---\n' : '';
    const one = (happening: Happening): string => separator + structured(happening, output);
    return { one, all: (shown) => (watch ? shown.map(one).join('') : structured(shown, output)) };
  }
  const columns = columnsOf(where === undefined, context);
  const table = new Table<Happening>(columns, first, output === 'wide');
  const one = (happening: Happening): string => table.row(happening);
  return { one, all: (shown) => [table.header, ...shown.map(one)].join('') };
}

function columnsOf(hasNamespace: boolean, context: CommandContext): readonly Column<Happening>[] {
  const styles = stylesFor(context);
  const { clock } = context.scope;
  return [
    ...(hasNamespace
      ? [{ header: 'NAMESPACE', text: ({ namespace }: Happening) => namespace }]
      : []),
    { header: 'LAST SEEN', text: ({ time }) => humanAge(time, clock.now()) },
    {
      header: 'TYPE',
      text: ({ type }) => type,
      paint: (text) => (text === 'Warning' ? styles.yellow(text) : text),
    },
    { header: 'REASON', text: ({ reason }) => reason, paint: (text) => paintState(text, styles) },
    { header: 'OBJECT', text: ({ object }) => object },
    { header: 'MESSAGE', text: ({ message }) => message },
  ];
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
