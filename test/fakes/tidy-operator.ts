import type { OperatorVersion } from '../../src/kudo/objects.ts';
import { plan, TINY } from './tiny-operator.ts';

const MARK = `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Name }}-cleaned" }
data: { by: cleanup }
`;

/**
 * {@link TINY} with a plan `cleanup`, so that KUDO holds its Instances until that is COMPLETE, which takes a
 * moment. A TIDY that is no boolean ends it in FATAL_ERROR.
 */
export const TIDY: OperatorVersion = {
  ...TINY,
  metadata: { name: 'tidy-1.0.0' },
  spec: {
    ...TINY.spec,
    operator: { name: 'tidy', kind: 'Operator' },
    templates: { ...TINY.spec?.templates, 'mark.yaml': MARK },
    tasks: [
      ...(TINY.spec?.tasks ?? []),
      { name: 'mark', kind: 'Toggle', spec: { resources: ['mark.yaml'], parameter: 'TIDY' } },
    ],
    parameters: [...(TINY.spec?.parameters ?? []), { name: 'TIDY', default: 'true' }],
    plans: { ...TINY.spec?.plans, cleanup: plan('server', 'mark') },
  },
};
