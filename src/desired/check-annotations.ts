import type { SourcePosition } from '../model/desired.ts';
import { ANNOTATION, GROUP } from '../model/names.ts';
import { DRIFT_POLICIES } from '../model/drift-policy.ts';
import type { ProblemList } from './problem-list.ts';
import { suggestionHint } from './suggest.ts';

/** Annotations that are decisions written down in Git, and the words that they know. */
const DECISIONS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  [ANNOTATION.prune, ['disabled', 'enabled']],
  [ANNOTATION.adopt, ['overwrite']],
  [ANNOTATION.driftPolicy, DRIFT_POLICIES],
]);

const KNOWN: readonly string[] = Object.values(ANNOTATION);

/**
 * Whether our annotations on an Instance are ones that we know, with values that we know: a protection that
 * is misspelt protects nothing.
 */
export function checkAnnotations(
  annotations: Readonly<Record<string, string>>,
  positionOf: (name: string) => SourcePosition,
  problems: ProblemList,
): boolean {
  const before = problems.errors;
  for (const [name, value] of Object.entries(annotations)) {
    if (!name.startsWith(`${GROUP}/`)) continue;
    const words = DECISIONS.get(name);
    if (!KNOWN.includes(name)) {
      const hint = suggestionHint(name, KNOWN) ?? 'docs/objects.md lists those that there are';
      const message = `${name} is no annotation that is known`;
      problems.error(positionOf(name), { id: 'unknown-annotation', message, hint });
    } else if (words && !words.includes(value)) {
      const hint = suggestionHint(value, words) ?? `write one of: ${words.join(', ')}`;
      const message = `${name} cannot be ${JSON.stringify(value)}`;
      problems.error(positionOf(name), { id: 'invalid-annotation', message, hint });
    }
  }
  return problems.errors === before;
}
