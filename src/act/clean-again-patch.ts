import type { Instance } from '../kudo/objects.ts';
import { formatToken, type ChangeToken } from '../model/change-token.ts';
import { ANNOTATION } from '../model/names.ts';

/**
 * Runs the cleanup of an Instance that is being deleted once more, after it has failed: KUDO keeps the failed
 * run scheduled and starts it anew when its uid is another one. While an Instance is being deleted its webhook
 * takes the uid as it is (instance_admission.go:254-269, instance_controller.go:510-524; tried). No
 * resourceVersion, for KUDO writes such an Instance every second; the tests make it fail when another run is
 * scheduled by now.
 */
export function cleanAgainPatch(
  observed: Instance,
  run: { readonly failedUid: string; readonly uid: string },
  token: ChangeToken,
): unknown[] {
  return [
    { op: 'test', path: '/metadata/uid', value: observed.metadata.uid },
    { op: 'test', path: '/spec/planExecution/uid', value: run.failedUid },
    { op: 'replace', path: '/spec/planExecution/uid', value: run.uid },
    { op: 'add', path: '/spec/planExecution/status', value: 'NEVER_RUN' },
    ...(observed.metadata.annotations === undefined
      ? [{ op: 'add', path: '/metadata/annotations', value: {} }]
      : []),
    {
      op: 'add',
      path: `/metadata/annotations/${ANNOTATION.change.replaceAll('/', '~1')}`,
      value: formatToken(token),
    },
  ];
}
