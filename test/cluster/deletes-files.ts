import { ANNOTATION } from '../../src/model/names.ts';
import { TIDY } from '../fakes/tidy-operator.ts';
import { instanceFile, operatorFile, TINY } from '../fakes/tiny-operator.ts';
import { OUTCOME_ANNOTATION } from './workloads.ts';

const operator = (version: typeof TINY): string =>
  operatorFile(version).replaceAll('sandbox.kudo-gitops.dev/outcome', OUTCOME_ANNOTATION);
const tidy = (name: string, parameters: Readonly<Record<string, string>> = {}): string =>
  instanceFile(name, parameters, 'tidy-1.0.0');
const after = (file: string, names: string): string =>
  file.replace(
    'metadata:\n',
    `metadata:\n  annotations: { ${ANNOTATION.dependsOn}: "${names}" }\n`,
  );

/** A fleet of Instances with and without plan `cleanup`; kafka depends on disk, and the cleanup of stuck fails. */
export const DELETES_FILES = {
  'operators/tiny.yaml': operator(TINY),
  'operators/tidy.yaml': operator(TIDY),
  'shop/orders.yaml': instanceFile('orders', { COLOUR: 'red', SIZE: '2' }),
  'shop/mail.yaml': instanceFile('mail'),
  'shop/vault.yaml': tidy('vault'),
  'shop/stuck.yaml': tidy('stuck', { TIDY: 'maybe' }),
  'shop/disk.yaml': tidy('disk'),
  'shop/kafka.yaml': after(tidy('kafka'), 'disk'),
  'second/README.md': 'Empty as yet\n',
};
