import { parseYamlDocuments } from '../lib/go-yaml.ts';
import { isJsonObject } from './json-object.ts';
import type { Manifest } from './manifest.ts';

/**
 * The objects in a rendered template, which may hold several YAML documents. Throws an Error that
 * says which document of `name` is not a Kubernetes object; the document itself is not quoted, it
 * may hold passwords.
 */
export function parseManifests(name: string, text: string): readonly Manifest[] {
  const { documents, errors } = parseYamlDocuments(text, { duplicateKeys: 'last' });
  const [error] = errors;
  if (error !== undefined)
    throw new Error(`parsing YAML from ${name}:${error.line}:${error.column}: ${error.message}`);
  return documents.flatMap((document) => {
    if (document.value === null) return [];
    const { line } = document.positionOf([]);
    return [toManifest(document.value, `parsing YAML from ${name}:${line}`)];
  });
}

function toManifest(value: unknown, where: string): Manifest {
  if (!isJsonObject(value)) throw new Error(`${where}: a Kubernetes object is expected here`);
  for (const field of ['apiVersion', 'kind'])
    if (typeof value[field] !== 'string' || value[field] === '')
      throw new Error(`${where}: Object '${field}' is missing`);
  const metadata = value['metadata'] ?? {};
  if (!isJsonObject(metadata)) throw new Error(`${where}: metadata is not a mapping`);
  const name = metadata['name'] ?? '';
  if (typeof name !== 'string')
    throw new Error(`${where}: metadata.name must be a text, but it is ${JSON.stringify(name)}`);
  return { ...value, metadata: { ...metadata, name } } as Manifest;
}
