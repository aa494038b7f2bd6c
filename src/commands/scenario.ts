import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { Failure } from '../lib/failure.ts';
import { parseYamlDocuments } from '../lib/go-yaml.ts';
import { readFolder } from './read-folder.ts';

const Edit = z.strictObject({
  file: z.string(),
  /** The text to replace; the whole file is written when absent. */
  from: z.string().optional(),
  /**
   * Null removes the file. In it `{{running shop/orders}}` stands for the uid of the plan that runs there,
   * `{{head}}` for the commit before and `{{repository}}` for where the Sync finds it.
   */
  to: z.string().nullable(),
});
export type Edit = z.infer<typeof Edit>;

const Expectation = z.strictObject({
  /** `pending` is waited for with its description; the others end a step as they come. */
  state: z.enum(['pending', 'success', 'failure', 'error']),
  /** Part of the description. */
  description: z.string(),
  /** `<namespace>/<name> <plan>`, those of one Instance in the order in which they ran. */
  plans: z.array(z.string()),
  /** True when the plans must have started in the order in which they stand here. */
  inTurn: z.boolean().optional(),
});
export type Expectation = z.infer<typeof Expectation>;

const ConfigMap = z.strictObject({ namespace: z.string(), name: z.string() });

/** What a person does with kubectl. */
const ByHand = z.strictObject({
  /** Values by Instance and parameter. */
  set: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  /** An Instance. */
  delete: z.string().optional(),
  /** An object that KUDO did not make, in the way of one that it is to make. */
  obstruct: ConfigMap.optional(),
  clear: ConfigMap.optional(),
});
export type ByHand = z.infer<typeof ByHand>;

const Step = z.strictObject({
  say: z.string(),
  commit: z
    .strictObject({ author: z.string(), message: z.string(), edits: z.array(Edit) })
    .optional(),
  /** Comes before a commit, and is a step of its own without one. */
  byHand: ByHand.optional(),
  /** `plan retry` of an Instance, or of everything that failed. */
  retry: z.string().optional(),
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
  /** What the Sync says beside where the repository is. */
  sync: z.record(z.string(), z.unknown()).optional(),
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
