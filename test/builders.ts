import type {
  ExecutionStatus,
  Instance,
  OperatorVersion,
  Parameter,
  PlanStatus,
} from '../src/kudo/objects.ts';
import { KUDO_API_VERSION } from '../src/kudo/objects.ts';
import type { Change, InstancePlan, ParameterEdit } from '../src/model/change.ts';
import type { DesiredInstance } from '../src/model/desired.ts';
import type { ObjectKey, OwnerReference } from '../src/model/kube-object.ts';
import { ANNOTATION, API_VERSION } from '../src/model/names.ts';
import type { ChangeRecord, Rollout, RolloutSpec, RolloutStatus } from '../src/model/rollout.ts';
import { formatWrittenKeys, valueHash } from '../src/model/written-keys.ts';
import type { InstanceSituation } from '../src/plan/instance-situation.ts';

/** The Instance that builders speak of unless told otherwise. */
export const KEY: ObjectKey = 'shop/orders';
export const SYNC_UID = 'sync-uid';
export const ROLLOUT_UID = 'rollout-uid';
/** The commit of a Rollout. */
export const OID = 'ab12cd3'.padEnd(40, '0');
export const NOW = '2026-01-01T00:00:00.000Z';

/** Our Sync, which corrects drift; the only other one there is has the uid `other`. */
export const PLAN_CONTEXT = {
  syncUid: SYNC_UID,
  driftPolicy: 'correct',
  isFought: () => false,
  ownerName: (uid: string) => (uid === 'other' ? 'Sync shop/other' : undefined),
  knownNames: (): readonly string[] => [],
} as const;

type Values = Readonly<Record<string, string>>;
const NONE: Values = {};

/** What Git says of an Instance, at line 1 of `<name>.yaml`, each parameter on a line of its own. */
export function desiredInstance(
  parameters: Values = {},
  { name = 'orders', version = 'queue-1.0.0', annotations = NONE } = {},
): DesiredInstance {
  const file = `${name}.yaml`;
  const at = (line: number) => ({ file, line, column: 3 });
  return {
    key: `shop/${name}`,
    namespace: 'shop',
    name,
    operatorVersion: { name: version },
    parameters,
    labels: {},
    annotations,
    position: at(1),
    operatorVersionPosition: at(2),
    parameterPositions: Object.fromEntries(
      Object.keys(parameters).map((parameter, index) => [parameter, at(10 + index)]),
    ),
  };
}

interface InstanceWish {
  readonly labels?: Values;
  readonly version?: string;
  readonly uid?: string;
  /** `plan uid` of what runs now. */
  readonly running?: string;
  /** `plan uid STATUS` of last runs. */
  readonly runs?: readonly string[];
  readonly annotations?: Values;
  /** Values that Git wrote last; the live parameters unless told. */
  readonly written?: Values;
  /** `<sync uid>:<key>`; ours unless told; null for an Instance made by hand. */
  readonly owner?: string | null;
  /** Name of the parent Instance. */
  readonly parent?: string;
}

/** An Instance as the cluster has it: made by our Sync, idle. */
export function liveInstance(parameters: Values = {}, wish: InstanceWish = {}): Instance {
  const { version = 'queue-1.0.0', uid = 'instance-uid', runs = [] } = wish;
  const [planName, planUid] = (wish.running ?? '').split(' ');
  const planExecution =
    planName && planUid ? ({ planName, uid: planUid, status: 'IN_PROGRESS' } as const) : {};
  const annotations = { ...ownership(parameters, wish), ...wish.annotations };
  return {
    apiVersion: KUDO_API_VERSION,
    kind: 'Instance',
    metadata: {
      name: 'orders',
      namespace: 'shop',
      uid,
      resourceVersion: '7',
      annotations,
      ...(wish.labels ? { labels: wish.labels } : {}),
      ownerReferences: parents(wish),
    },
    spec: { operatorVersion: { name: version }, parameters, planExecution },
    status: { planStatus: Object.fromEntries(runs.map(planEntry)) },
  };
}

function ownership(
  parameters: Values,
  { owner = `${SYNC_UID}:${KEY}`, written = parameters }: InstanceWish,
): Values {
  if (owner === null) return {};
  const keys = Object.entries(written).map(([name, value]) => [name, valueHash(value)] as const);
  const text = formatWrittenKeys(new Map(keys));
  return { [ANNOTATION.owner]: owner, [ANNOTATION.keys]: text };
}

function parents({ parent }: InstanceWish): readonly OwnerReference[] | undefined {
  if (parent === undefined) return undefined;
  return [{ apiVersion: KUDO_API_VERSION, kind: 'Instance', uid: 'parent-uid', name: parent }];
}

function planEntry(text: string): [string, PlanStatus] {
  const [name = '', uid = '', status = 'COMPLETE'] = text.split(' ');
  return [name, { name, uid, status: status as ExecutionStatus }];
}

/** An OperatorVersion in namespace `shop` with these plans and parameters. */
export function operatorVersion(
  parameters: readonly Parameter[],
  { name = 'queue-1.0.0', plans = ['deploy', 'update'], annotations = NONE } = {},
): OperatorVersion {
  return {
    apiVersion: KUDO_API_VERSION,
    kind: 'OperatorVersion',
    metadata: { name, namespace: 'shop', annotations },
    spec: {
      operator: { name: name.split('-')[0] },
      parameters,
      plans: Object.fromEntries(plans.map((plan) => [plan, { strategy: 'serial', phases: [] }])),
    },
  };
}

/** `NODES=3` sets, `NODES=` takes away; `from` is what it was. */
export function edit(text: string, from?: string): ParameterEdit {
  const [name = '', to = ''] = text.split('=');
  return { name, from, to: to === '' ? undefined : to, secret: false };
}

/** A change of parameters. */
export function setParameters(plan: string, ...edits: readonly ParameterEdit[]): Change {
  return { key: KEY, kind: 'set-parameters', plan, edits };
}

export function createChange(parameters: Values = {}): Change {
  return { key: KEY, kind: 'create', plan: 'deploy', desired: desiredInstance(parameters) };
}

export function planOf(...changes: readonly Change[]): InstancePlan {
  return { key: KEY, changes, problems: [], notes: [] };
}

/** A record of the Instance, of the desired hash `h1`. */
export function record(
  state: ChangeRecord['state'],
  more: Partial<ChangeRecord> = {},
): ChangeRecord {
  return {
    kind: 'set-parameters',
    plan: 'update',
    attempt: 1,
    state,
    desiredHash: 'h1',
    ...more,
  };
}

/** The first Rollout of Sync `shop/fleet`: of {@link OID}, a commit of Ada's, unless told. */
export function rolloutObject(
  status: RolloutStatus = {},
  spec: Partial<RolloutSpec> = {},
  metadata: Partial<Rollout['metadata']> = {},
): Rollout {
  return {
    apiVersion: API_VERSION,
    kind: 'Rollout',
    metadata: { name: 'fleet-1', namespace: 'shop', ...metadata },
    spec: {
      sync: 'fleet',
      revision: `main@sha1:${OID}`,
      attempt: 1,
      sequence: 1,
      author: 'Ada',
      subject: 'orders: five brokers',
      committedAt: NOW,
      ...spec,
    },
    status,
  };
}

/** A quiet, idle Instance without records or changes, unless told. */
export function situation(more: Partial<InstanceSituation> = {}): InstanceSituation {
  return {
    plan: planOf(),
    observed: liveInstance(),
    children: [],
    records: [],
    rolloutUid: ROLLOUT_UID,
    desiredHash: 'h1',
    quietMs: 60_000,
    lastRun: undefined,
    secrets: [],
    now: NOW,
    ...more,
  };
}
