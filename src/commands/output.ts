import { type Command, Option } from 'commander';
import { toGoYaml } from '../lib/go-yaml-emit.ts';

/** `-o`, with what the command can print; the first choice is what it prints when not told. */
export function outputOption(choices: readonly [string, ...string[]]): Option {
  return new Option('-o, --output <format>', 'what to print').choices(choices).default(choices[0]);
}

/** Adds examples, each a comment and a command line, at the end of `--help`. */
export function withExamples(
  command: Command,
  examples: readonly (readonly [comment: string, line: string])[],
): Command {
  const text = examples.map(([comment, line]) => `  # ${comment}\n  kudo-gitops ${line}\n`);
  return command.addHelpText('after', `\nExamples:\n${text.join('\n')}`);
}

/** A value for machines, with a line end. YAML is quoted so that YAML 1.1 readers such as kubectl see the same. */
export function structured(value: unknown, format: 'json' | 'yaml'): string {
  const plain: unknown = JSON.parse(JSON.stringify(value));
  return format === 'yaml' ? toGoYaml(plain) : `${JSON.stringify(plain, null, 2)}\n`;
}

/** True for the formats that {@link structured} prints. */
export function isStructured(format: string): format is 'json' | 'yaml' {
  return format === 'json' || format === 'yaml';
}

/** `1 change`, `2 changes`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
