/** Where CRDs are created. */
export const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** A CRD `databases.example.org` with defaults, bounds, columns and a status. */
export function databases(): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'databases.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Namespaced',
      names: { plural: 'databases', kind: 'Database', shortNames: ['db'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
            {
              name: 'Ready',
              type: 'string',
              jsonPath: '.status.conditions[?(@.type=="Ready")].status',
            },
            { name: 'Engine', type: 'string', jsonPath: '.spec.engine', priority: 1 },
          ],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  required: ['size'],
                  properties: {
                    size: { type: 'integer', minimum: 1 },
                    engine: { type: 'string', enum: ['pg', 'my'], default: 'pg' },
                    parameters: { type: 'object', additionalProperties: { type: 'string' } },
                  },
                },
                status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
            },
          },
        },
      ],
    },
  };
}

/** One Database. */
export function database(name: string, spec: object = { size: 1 }, metadata: object = {}): object {
  return { apiVersion: 'example.org/v1', kind: 'Database', metadata: { name, ...metadata }, spec };
}

/** One ConfigMap. */
export function configMap(name: string, data: object, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}
