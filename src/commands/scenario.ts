import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { Failure } from '../lib/failure.ts';
import { parseYamlDocuments } from '../lib/go-yaml.ts';
import { readFolder } from './read-folder.ts';

const Edit = z.strictObject({
  file: z.string(),
  /** The text to replace; the whole file is written when absent. */
  from: z.string().optional(),
  to: z.string(),
});
export type Edit = z.infer<typeof Edit>;

const Expectation = z.strictObject({
  state: z.enum(['success', 'failure', 'error']),
  /** Part of the description. */
  description: z.string(),
  /** `<namespace>/<name> <plan>`, those of one Instance in the order in which they ran. */
  plans: z.array(z.string()),
});
export type Expectation = z.infer<typeof Expectation>;

const Step = z.strictObject({
  say: z.string(),
  commit: z
    .strictObject({ author: z.string(), message: z.string(), edits: z.array(Edit) })
    .optional(),
  /** Reverts the commit before. */
  revert: z.literal(true).optional(),
  pullRequest: z
    .strictObject({
      branch: z.string(),
      title: z.string(),
      author: z.string(),
      edits: z.array(Edit),
      /** Texts that its preview comment must hold. */
      comment: z.array(z.string()),
    })
    .optional(),
  expect: Expectation,
});
export type ScenarioStep = z.infer<typeof Step>;

const Scenario = z.strictObject({
  name: z.string(),
  /** Folder of the first commit, relative to the scenario's file. */
  repository: z.string(),
  /** The Instance whose history is shown at the end. */
  instance: z.string(),
  steps: z.array(Step).min(1),
});

/** What is pushed and what must be seen, in order. */
export interface Scenario extends z.infer<typeof Scenario> {
  /** Content of the first commit by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** Reads a scenario and the files of its first commit. */
export async function readScenario(file: string): Promise<Scenario> {
  const text = await readFile(file, 'utf8');
  const { documents, errors } = parseYamlDocuments(text);
  const [error] = errors;
  if (error) throw new Failure('invalid', `${file}:${String(error.line)}: ${error.message}`);
  const parsed = Scenario.safeParse(documents[0]?.value);
  if (!parsed.success) throw new Failure('invalid', `${file}: ${z.prettifyError(parsed.error)}`);
  const folder = resolve(dirname(file), parsed.data.repository);
  return { ...parsed.data, files: await readFolder(folder) };
}
