import * as z from 'zod';
import {
  InstanceShape,
  OperatorShape,
  OperatorVersionShape,
  PlanRunShape,
  PlanScheduleShape,
} from '../../src/desired/object-shapes.ts';
import { PackageShape } from '../../src/desired/package-pin.ts';
import type { GoShape } from '../../src/kudo/go-shape.ts';
import { KUDO_API_VERSION } from '../../src/kudo/objects.ts';
import { OPERATOR_FILE, PARAMS_FILE } from '../../src/kudo/package-schema.ts';
import { API_VERSION } from '../../src/model/names.ts';
import { SyncSpec } from '../../src/model/sync.ts';

/** A JSON Schema, as far as it is looked into here. */
export interface JsonSchema {
  readonly [key: string]: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

const DIALECT = 'http://json-schema.org/draft-07/schema#';

/** Fields that only the cluster writes: nothing to complete in Git. */
const NOT_IN_GIT = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
  'ownerReferences',
  'finalizers',
  'generateName',
  'status',
  'planExecution',
]);

const Metadata = InstanceShape.shape.metadata;
const SyncShape = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: Metadata,
  spec: SyncSpec,
});

/** Schemas by the name of their file, of everything that may be in Git. */
export function jsonSchemas(): ReadonlyMap<string, JsonSchema> {
  const objects = [
    ['Instance', KUDO_API_VERSION, InstanceShape],
    ['Operator', KUDO_API_VERSION, OperatorShape],
    ['OperatorVersion', KUDO_API_VERSION, OperatorVersionShape],
    ['Package', API_VERSION, PackageShape],
    ['PlanRun', API_VERSION, PlanRunShape],
    ['PlanSchedule', API_VERSION, PlanScheduleShape],
    ['Sync', API_VERSION, SyncShape],
  ] as const;
  return new Map([
    ...objects.map(([kind, apiVersion, shape]) => {
      const schema = objectSchema(shape, { apiVersion, kind });
      return [`${kind.toLowerCase()}.schema.json`, schema] as const;
    }),
    [
      'operator-yaml.schema.json',
      fileSchema(OPERATOR_FILE, 'operator.yaml', ['name', 'operatorVersion']),
    ],
    ['params-yaml.schema.json', fileSchema(PARAMS_FILE, 'params.yaml', [])],
  ]);
}

function objectSchema(
  shape: z.ZodType,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
): JsonSchema {
  const made = z.toJSONSchema(shape, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      for (const name of Object.keys(jsonSchema.properties ?? {})) {
        if (NOT_IN_GIT.has(name)) delete jsonSchema.properties?.[name];
      }
    },
  }) as JsonSchema;
  const { $schema: _, ...schema } = made;
  const properties = {
    ...schema.properties,
    apiVersion: { const: apiVersion },
    kind: { const: kind },
  };
  return { $schema: DIALECT, title: `${kind} (${apiVersion})`, ...schema, properties };
}

function fileSchema(shape: GoShape, title: string, required: readonly string[]): JsonSchema {
  return { $schema: DIALECT, title, ...goSchema(shape), ...(required.length > 0 && { required }) };
}

/** What Go reads into the type: null is its zero value, numbers and booleans are taken for text. */
function goSchema(shape: GoShape): JsonSchema {
  switch (shape.kind) {
    case 'any':
      return {};
    case 'pointer':
      return goSchema(shape.to);
    case 'scalar':
      return { type: scalarTypes(shape) };
    case 'list':
      return { type: ['array', 'null'], items: goSchema(shape.of) };
    case 'map':
      return { type: ['object', 'null'], additionalProperties: goSchema(shape.of) };
    case 'struct': {
      const fields = Object.entries(shape.fields);
      const properties = Object.fromEntries(
        fields.map(([name, field]) => [name, goSchema(field.shape)]),
      );
      return { type: ['object', 'null'], properties, additionalProperties: false };
    }
  }
}

function scalarTypes({ type, coerced }: Extract<GoShape, { kind: 'scalar' }>): readonly string[] {
  if (type === 'string' && coerced !== false) return ['string', 'number', 'boolean', 'null'];
  return [type, 'null'];
}
