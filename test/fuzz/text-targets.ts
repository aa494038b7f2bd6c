import { DesiredCache } from '../../src/desired/desired-cache.ts';
import { readDesired } from '../../src/desired/read-desired.ts';
import { lintPackage } from '../../src/kudo/package-lint.ts';
import { readPackage } from '../../src/kudo/package-reader.ts';
import { encodeParameter, unwrapParameterValue } from '../../src/kudo/parameter-values.ts';
import { renderTemplate } from '../../src/kudo/render-template.ts';
import { parseYamlDocuments } from '../../src/lib/go-yaml.ts';
import { sha256 } from '../../src/lib/sha256.ts';
import type { Problem } from '../../src/model/problem.ts';
import type { Chance } from './chance.ts';
import { corpusFiles, type CorpusFile } from './fuzz-corpus.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { mutateText } from './mutate-text.ts';

const fleet = corpusFiles('fleet');
const texts = fleet.map(({ text }) => text);
const operators = ['cache', 'queue', 'storefront'].map((name) =>
  corpusFiles(`fleet/operators/${name}`),
);
const templates = fleet.filter(({ path }) => path.includes('/templates/'));

/** A problem has a place in a file, an id and a text of sensible length. */
function checkProblems(problems: readonly Problem[]): void {
  for (const { file, line, column, message, id } of problems) {
    const isPlaced = line >= 1 && column >= 1 && Number.isInteger(line) && Number.isInteger(column);
    if (isPlaced && file !== '' && id !== '' && message.length <= 1_001) continue;
    throw new Error(
      `a problem without place or text: ${file}:${line}:${column} ${id} ${message.slice(0, 200)}`,
    );
  }
}

function withOneChanged(files: readonly CorpusFile[], chance: Chance): readonly CorpusFile[] {
  const chosen = chance.of(files);
  return files.map((file) =>
    file === chosen ? { ...file, text: mutateText(file.text, chance, texts) } : file,
  );
}

/** As in the service: what an input leaves unchanged is not parsed again. */
const cache = new DesiredCache();

const manifests: FuzzTarget = {
  name: 'manifests',
  share: 15,
  run(chance) {
    const files = withOneChanged(fleet, chance).map((file) => ({
      ...file,
      hash: sha256(file.text),
    }));
    const paths = ['operators', 'shop'];
    const state = readDesired(files, { paths, targetNamespace: 'shop', hash: sha256, cache });
    checkProblems(state.problems);
  },
};

const packages: FuzzTarget = {
  name: 'packages',
  share: 20,
  run(chance) {
    const files = withOneChanged(chance.of(operators), chance);
    const reading = readPackage(new Map(files.map(({ path, text }) => [path, text])));
    checkProblems(lintPackage(reading, { targetMinor: 36 }));
  },
};

const parameters: FuzzTarget = {
  name: 'parameters',
  share: 35,
  run(chance) {
    const text = mutateText(chance.of(texts).slice(0, 1_500), chance, texts);
    for (const { value } of parseYamlDocuments(text).documents) encodeParameter(value);
    const type = chance.of(['string', 'map', 'array', 'integer', 'number', 'boolean'] as const);
    unwrapParameterValue(text, type);
  },
};

const LIMITS = { maxSteps: 20_000, maxOutput: 64 * 1024 };

const rendering: FuzzTarget = {
  name: 'templates',
  share: 15,
  run(chance) {
    const text = mutateText(chance.of(templates).text, chance, texts);
    const variables = {
      Name: 'orders',
      Namespace: 'shop',
      Params: { BROKERS: '3', TOPICS: { a: 2 } },
    };
    const sources = { now: () => new Date(0), random: () => chance.below(1_000) / 1_000 };
    const rendered = renderTemplate('t.yaml', text, variables, { ...sources, limits: LIMITS });
    if (rendered.ok && rendered.text.length > 2 * LIMITS.maxOutput) {
      throw new Error(`${rendered.text.length} characters came out`);
    }
  },
};

/** What people write: manifests, packages, parameters, templates. */
export const TEXT_TARGETS: readonly FuzzTarget[] = [manifests, packages, parameters, rendering];
