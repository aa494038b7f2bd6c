import { Argument, Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { withExamples } from './output.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** `kudo-gitops completion`: the script that completes verbs, words and options in a shell. */
export function completionCommand({ out }: CommandContext): Command {
  const command = new Command('completion')
    .description('print the script that completes command lines in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action((shell: Shell) => {
      let root = command;
      while (root.parent) root = root.parent;
      out(completionScript(shell, wordsByPath(root)));
    });
  return withExamples(command, [
    ['In this bash', 'completion bash > ~/.local/share/bash-completion/completions/kudo-gitops'],
    ['zsh, in a folder of $fpath', 'completion zsh > ~/.zfunc/_kudo-gitops'],
    ['fish', 'completion fish > ~/.config/fish/completions/kudo-gitops.fish'],
  ]);
}

/** What may follow a verb (` get`, ` package lint`; `` at the start): its words and options. */
type Words = ReadonlyMap<string, readonly string[]>;

/** What `get` shows; commander knows no choices of it, since `sync/<name>` is one too. */
const GET_WORDS = ['syncs', 'rollouts', 'instances', 'plans'];

function wordsByPath(command: Command, path = ''): Words {
  const verbs = command.commands.map((inner) => inner.name());
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  const things = path === ' get' ? GET_WORDS : choices;
  const options = command.options.filter(({ hidden }) => !hidden).map(({ long }) => long ?? '');
  const own = [...verbs, ...things, ...options, '--help'].filter((word) => word !== '');
  const inner = command.commands.flatMap((one) => [...wordsByPath(one, `${path} ${one.name()}`)]);
  return new Map([[path, own], ...inner]);
}

function completionScript(shell: Shell, words: Words): string {
  switch (shell) {
    case 'bash':
      return bashScript(words);
    case 'zsh':
      return zshScript(words);
    case 'fish':
      return fishScript(words);
  }
}

/** A line of `case` for each verb that takes other words than the one above it. */
function cases(words: Words, line: (words: string) => string): string {
  return [...words].map(([path, own]) => `    '${path}') ${line(own.join(' '))} ;;`).join('\n');
}

/** Verbs with their parents, as patterns of `case`. */
const verbs = (words: Words): string =>
  [...words.keys()]
    .filter((path) => path !== '')
    .map((path) => `'${path}'`)
    .join('|');

function bashScript(words: Words): string {
  return `# bash completion of kudo-gitops
_kudo_gitops() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path= words= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
    ${verbs(words)}) path="$path \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path" in
${cases(words, (own) => `words='${own}'`)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _kudo_gitops kudo-gitops
`;
}

function zshScript(words: Words): string {
  return `#compdef kudo-gitops
_kudo_gitops() {
  local line= i
  local -a offered
  for ((i = 2; i < CURRENT; i++)); do
    case "$line \${words[i]}" in
    ${verbs(words)}) line="$line \${words[i]}" ;;
    esac
  done
  case "$line" in
${cases(words, (own) => `offered=(${own})`)}
  esac
  compadd -a offered
  (( CURRENT > 2 )) && _files
}
if [[ $funcstack[1] = _kudo_gitops || $funcstack[1] = _kudo-gitops ]]; then
  _kudo_gitops "$@"
else
  compdef _kudo_gitops kudo-gitops
fi
`;
}

function fishScript(words: Words): string {
  const lines = [...words].map(([path, own]) => {
    const deeper = own.filter((word) => words.has(`${path} ${word}`));
    const seen = path.trim().split(' ').filter(Boolean);
    const inside = seen.map((word) => `__fish_seen_subcommand_from ${word}`);
    const outside =
      deeper.length > 0 ? [`not __fish_seen_subcommand_from ${deeper.join(' ')}`] : [];
    const condition = [...inside, ...outside].join('; and ');
    return `complete -c kudo-gitops -n '${condition}' -a '${own.join(' ')}'`;
  });
  return `# fish completion of kudo-gitops\n${lines.join('\n')}\n`;
}
