import { parametersOf } from './find-parameter.ts';
import {
  denied,
  invalidParameter,
  referencedOperatorVersion,
  type Admission,
  type AdmissionContext,
} from './admission.ts';
import { CLEANUP_FINALIZER, type Instance, type OperatorVersion } from './objects.ts';
import { hasPlan } from './upgrade-plan.ts';
import { hasDefault } from './validate-parameter.ts';

/**
 * KUDO's answer to the creation of an Instance (handleCreate of pkg/webhook/instance_admission.go): it
 * schedules `deploy` whatever was sent, stores the defaults of immutable parameters, and adds the
 * finalizer when there is a plan `cleanup`.
 */
export function admitCreate(instance: Instance, context: AdmissionContext): Admission {
  const operatorVersion = referencedOperatorVersion(instance, context.findOperatorVersion);
  if ('allowed' in operatorVersion) return operatorVersion;
  const failed = `failed to create an Instance ${instance.metadata.namespace ?? ''}/${instance.metadata.name}`;
  if (!hasPlan(operatorVersion, 'deploy'))
    return denied(`${failed}: couldn't find 'deploy' plan in the operatorVersion`);
  const parameters = withImmutableDefaults(operatorVersion, instance.spec?.parameters ?? {});
  const invalid = invalidParameter(operatorVersion, parameters);
  if (invalid !== undefined) return denied(`${failed}: parameters are not valid: ${invalid}`);
  const { parameters: _sent, ...spec } = instance.spec ?? {};
  return {
    allowed: true,
    scheduled: 'deploy',
    instance: {
      ...withFinalizer(instance, operatorVersion),
      spec: {
        ...spec,
        ...(Object.keys(parameters).length > 0 && { parameters }),
        planExecution: { ...spec.planExecution, planName: 'deploy', uid: context.newUid() },
      },
    },
  };
}

function withImmutableDefaults(
  operatorVersion: OperatorVersion,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const parameters = new Map(Object.entries(given));
  for (const parameter of parametersOf(operatorVersion))
    if (parameter.immutable === true && hasDefault(parameter) && !parameters.has(parameter.name))
      parameters.set(parameter.name, parameter.default);
  return Object.fromEntries(parameters);
}

/** TryAddFinalizer: not when it is there already or cleanup has run. */
function withFinalizer(instance: Instance, operatorVersion: OperatorVersion): Instance {
  const finalizers = instance.metadata.finalizers ?? [];
  const cleanup = Object.values(instance.status?.planStatus ?? {}).find(
    ({ name }) => name === 'cleanup',
  );
  const isNeeded = cleanup === undefined || cleanup.status === 'NEVER_RUN';
  if (!hasPlan(operatorVersion, 'cleanup') || finalizers.includes(CLEANUP_FINALIZER) || !isNeeded)
    return instance;
  const metadata = { ...instance.metadata, finalizers: [...finalizers, CLEANUP_FINALIZER] };
  return { ...instance, metadata };
}
