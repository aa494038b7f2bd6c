/**
 * Writes src/sandbox/builtin-types.json: the names, numbers and types of the fields of the built-in
 * kinds that the sandbox serves, read from the Kubernetes modules in Go's module cache.
 *
 *   node scripts/builtin-types.mjs <module cache>/k8s.io v0.36.3 v1.36.3
 */
import { readFileSync, writeFileSync } from 'node:fs';

const [root, staging, kubernetes] = process.argv.slice(2);
if (kubernetes === undefined)
  throw new Error('usage: builtin-types.mjs <k8s.io folder> v0.36.3 v1.36.3');

const PACKAGES = {
  core: 'core/v1 apps/v1 batch/v1 policy/v1 rbac/v1 coordination/v1 events/v1 autoscaling/v2 networking/v1 storage/v1 authentication/v1 authorization/v1 admissionregistration/v1',
  machinery: 'pkg/apis/meta/v1',
};
/** Group and version → package of the kinds that are served. */
const KINDS = {
  'meta/v1': ['meta.v1', 'DeleteOptions'],
  '/v1': [
    'core.v1',
    'Namespace ConfigMap Secret Service Pod ServiceAccount PersistentVolumeClaim Endpoints ReplicationController Node Event',
  ],
  'events.k8s.io/v1': ['events.v1', 'Event'],
  'apps/v1': ['apps.v1', 'Deployment StatefulSet DaemonSet ReplicaSet ControllerRevision'],
  'autoscaling/v2': ['autoscaling.v2', 'HorizontalPodAutoscaler'],
  'batch/v1': ['batch.v1', 'Job CronJob'],
  'networking.k8s.io/v1': ['networking.v1', 'Ingress NetworkPolicy'],
  'policy/v1': ['policy.v1', 'PodDisruptionBudget'],
  'rbac.authorization.k8s.io/v1': ['rbac.v1', 'Role RoleBinding ClusterRole ClusterRoleBinding'],
  'storage.k8s.io/v1': ['storage.v1', 'StorageClass'],
  'coordination.k8s.io/v1': ['coordination.v1', 'Lease'],
  'admissionregistration.k8s.io/v1': ['admissionregistration.v1', 'MutatingWebhookConfiguration'],
  'authentication.k8s.io/v1': ['authentication.v1', 'TokenReview SelfSubjectReview'],
  'authorization.k8s.io/v1': [
    'authorization.v1',
    'SelfSubjectAccessReview SubjectAccessReview SelfSubjectRulesReview',
  ],
};
const SCALARS = {
  string: 's',
  bool: 'b',
  bytes: 'y',
  int32: 'i',
  int64: 'i',
  uint32: 'i',
  uint64: 'i',
  double: 'd',
};
const SPECIAL = {
  'meta.v1.Time': 'T',
  'meta.v1.MicroTime': 'U',
  'meta.v1.FieldsV1': 'F',
  'meta.v1.Duration': 's',
  'intstr.IntOrString': 'I',
  'resource.Quantity': 'Q',
  'runtime.RawExtension': 'X',
  'meta.v1.Verbs': '[]s',
  'authorization.v1.ExtraValue': '[]s',
  'authentication.v1.ExtraValue': '[]s',
};

const swagger = JSON.parse(
  readFileSync(`${root}/kubernetes@${kubernetes}/api/openapi-spec/swagger.json`, 'utf8'),
).definitions;
const messages = new Map();
for (const one of PACKAGES.core.split(' '))
  parse(`${root}/api@${staging}/${one}/generated.proto`, one.replace('/', '.'));
parse(`${root}/apimachinery@${staging}/pkg/apis/meta/v1/generated.proto`, 'meta.v1');

const types = {};
const kinds = {};
for (const [groupVersion, [pkg, names]] of Object.entries(KINDS)) {
  for (const name of names.split(' ')) {
    kinds[`${groupVersion}/${name}`] = `${pkg}.${name}`;
    reach(`${pkg}.${name}`);
  }
}
const sorted = Object.fromEntries(Object.entries(types).toSorted(([a], [b]) => (a < b ? -1 : 1)));
const lines = Object.entries(sorted).map(
  ([name, fields]) => `    ${JSON.stringify(name)}: ${JSON.stringify(fields)}`,
);
const text = `{\n  "kinds": ${JSON.stringify(kinds, null, 4).replace(/\n\}$/, '\n  }')},\n  "types": {\n${lines.join(',\n')}\n  }\n}\n`;
writeFileSync('src/sandbox/builtin-types.json', text);

function parse(file, pkg) {
  const source = readFileSync(file, 'utf8').replace(/\/\/.*$/gm, '');
  for (const [, name, body] of source.matchAll(/^message (\w+) \{([\s\S]*?)^\}/gm)) {
    const fields = [
      ...body.matchAll(
        /(optional|repeated|map<string, ([\w.]+)>)\s+(?:([\w.]+)\s+)?(\w+) = (\d+);/g,
      ),
    ];
    messages.set(
      `${pkg}.${name}`,
      fields.map(([, how, value, type, field, number]) => ({
        field,
        number: Number(number),
        type: `${prefix(how)}${resolve(value ?? type, pkg)}`,
      })),
    );
  }
}

function prefix(how) {
  if (how === 'repeated') return '[]';
  return how.startsWith('map') ? '{}' : '';
}

function resolve(type, pkg) {
  if (SCALARS[type] !== undefined) return SCALARS[type];
  const full = type.includes('.')
    ? type
        .replace(/^\.?k8s\.io\.(api|apimachinery\.pkg\.(apis|api|util))\./, '')
        .replace('.k8s.io.apimachinery.pkg.runtime', 'runtime')
        .replace(/^k8s\.io\.apimachinery\.pkg\.runtime/, 'runtime')
    : `${pkg}.${type}`;
  return SPECIAL[full] ?? full;
}

/** Fields that Go embeds stand in the JSON of the object around them; they are marked with a tilde. */
function jsonName(name, field) {
  const [pkg, version, message] = name.split('.');
  const full =
    pkg === 'meta'
      ? `io.k8s.apimachinery.pkg.apis.meta.v1.${message}`
      : `io.k8s.api.${pkg}.${version}.${message}`;
  const properties = swagger[full]?.properties;
  if (properties === undefined || properties[field] !== undefined) return field;
  const small = `${field[0].toLowerCase()}${field.slice(1)}`;
  return properties[small] === undefined ? `~${field}` : small;
}

function reach(name) {
  if (types[name] !== undefined) return;
  const fields = messages.get(name);
  if (fields === undefined) throw new Error(`unknown message ${name}`);
  types[name] = {};
  for (const { field, number, type } of fields) {
    const bare = type.replace(/^(\[\]|\{\})+/, '');
    types[name][jsonName(name, field)] = [number, type];
    if (bare.includes('.')) reach(bare);
  }
}
