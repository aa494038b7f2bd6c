import type { FieldCause } from './api-error.ts';
import { fieldsOf, isFields, listOf, textOf, valueAt, type Fields } from './api-object.ts';
import type { ResourceRules } from './resource-registry.ts';

/** What a CustomResourceDefinition gets filled in, and what makes it no CustomResourceDefinition. */
export const crdRules: ResourceRules = {
  complete: (crd, previous) => {
    const spec = fieldsOf(crd['spec']);
    const names = fieldsOf(spec['names']);
    const kind = textOf(names['kind']);
    return {
      ...crd,
      spec: {
        conversion: { strategy: 'None' },
        ...spec,
        names: { singular: kind.toLowerCase(), listKind: `${kind}List`, ...names },
      },
      status: crd['status'] ?? previous?.['status'] ?? { storedVersions: storedVersions(spec) },
    };
  },
  validate: (crd) => {
    const spec = fieldsOf(crd['spec']);
    const wanted = `${textOf(valueAt(spec, 'names', 'plural'))}.${textOf(spec['group'])}`;
    return [
      ...(crd.metadata.name === wanted
        ? []
        : [
            cause(
              'metadata.name',
              `Invalid value: "${crd.metadata.name}": must be spec.names.plural+"."+spec.group`,
            ),
          ]),
      ...(storedVersions(spec).length === 1
        ? []
        : [
            cause(
              'spec.versions',
              'Invalid value: must have exactly one version marked as storage version',
            ),
          ]),
      ...(spec['scope'] === 'Namespaced' || spec['scope'] === 'Cluster'
        ? []
        : [cause('spec.scope', 'Unsupported value: supported values: "Cluster", "Namespaced"')]),
      ...listOf(spec['versions']).flatMap((version, at) => versionCauses(fieldsOf(version), at)),
    ];
  },
};

function storedVersions(spec: Fields): string[] {
  return listOf(spec['versions'])
    .map(fieldsOf)
    .filter((version) => version['storage'] === true)
    .map((version) => textOf(version['name']));
}

function versionCauses(version: Fields, at: number): FieldCause[] {
  const schema = valueAt(version, 'schema', 'openAPIV3Schema');
  const path = `spec.versions[${at}].schema.openAPIV3Schema`;
  if (!isFields(schema)) {
    return [
      {
        reason: 'FieldValueRequired',
        field: path,
        message: 'Required value: schemas are required',
      },
    ];
  }
  return structuralCauses(schema, path);
}

/** A structural schema names the type of every node. */
function structuralCauses(schema: Fields, path: string): FieldCause[] {
  const isOpen =
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema['x-kubernetes-int-or-string'] === true;
  const causes: FieldCause[] = [];
  if (typeof schema['type'] !== 'string' && !isOpen) {
    causes.push({
      reason: 'FieldValueRequired',
      field: `${path}.type`,
      message: 'Required value: must not be empty for specified object fields',
    });
  }
  for (const [name, property] of Object.entries(fieldsOf(schema['properties']))) {
    causes.push(...structuralCauses(fieldsOf(property), `${path}.properties[${name}]`));
  }
  for (const name of ['items', 'additionalProperties']) {
    const below = schema[name];
    if (isFields(below)) causes.push(...structuralCauses(below, `${path}.${name}`));
  }
  return causes;
}

function cause(field: string, message: string): FieldCause {
  return { reason: 'FieldValueInvalid', field, message };
}
