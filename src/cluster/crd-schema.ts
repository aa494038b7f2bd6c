import type { KubeObject } from '../model/kube-object.ts';

/** A structural schema, as far as our CRDs and KUDO's use it. */
export interface Schema {
  readonly type: 'string' | 'integer' | 'boolean' | 'object' | 'array';
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly format?: string;
  readonly default?: unknown;
  readonly nullable?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

type Rest = Omit<Schema, 'type' | 'description'>;

export const text = (description?: string, rest: Rest = {}): Schema =>
  described('string', description, rest);
export const whole = (description?: string, rest: Rest = {}): Schema =>
  described('integer', description, rest);
export const flag = (description?: string, rest: Rest = {}): Schema =>
  described('boolean', description, rest);
export const listOf = (items: Schema, description?: string, rest: Rest = {}): Schema => ({
  ...described('array', description, rest),
  items,
});
export const mapOf = (values: Schema, description?: string, rest: Rest = {}): Schema => ({
  ...described('object', description, rest),
  additionalProperties: values,
});
export const fields = (
  properties: Readonly<Record<string, Schema>>,
  description?: string,
  rest: Rest = {},
): Schema => ({ ...described('object', description, rest), properties });

function described(type: Schema['type'], description: string | undefined, rest: Rest): Schema {
  return { type, ...(description === undefined ? {} : { description }), ...rest };
}

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description?: string;
  /** 1: only with `-o wide`. */
  readonly priority?: number;
}

export interface CrdWish {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly description: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly columns?: readonly PrinterColumn[];
  readonly spec: Schema;
  readonly status: Schema;
  readonly hasStatusSubresource: boolean;
  readonly isSpecRequired: boolean;
}

/** A CustomResourceDefinition of `apiextensions.k8s.io/v1`. */
export interface CustomResourceDefinition extends KubeObject {
  readonly spec: {
    readonly group: string;
    readonly names: Readonly<Record<string, unknown>>;
    readonly scope: 'Namespaced';
    readonly versions: readonly [
      {
        readonly name: string;
        readonly schema: { readonly openAPIV3Schema: Schema };
      } & Readonly<Record<string, unknown>>,
    ];
  };
}

/** The CRD of a namespaced kind with one version. */
export function customResource(wish: CrdWish): CustomResourceDefinition {
  const { group, version, kind, plural, shortNames, categories, columns } = wish;
  const schema: Schema = fields(
    {
      apiVersion: text('Which version of the API this object is written in.'),
      kind: text('Which kind of object this is.'),
      metadata: { type: 'object' },
      spec: wish.spec,
      status: wish.status,
    },
    wish.description,
    wish.isSpecRequired ? { required: ['spec'] } : {},
  );
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        ...(shortNames ? { shortNames } : {}),
        ...(categories ? { categories } : {}),
      },
      scope: 'Namespaced',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          ...(wish.hasStatusSubresource ? { subresources: { status: {} } } : {}),
          ...(columns ? { additionalPrinterColumns: columns } : {}),
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  };
}
