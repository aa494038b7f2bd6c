import type { Instance } from '../kudo/objects.ts';
import { ANNOTATION } from '../model/names.ts';

/**
 * The one way out of a plan that hangs: KUDO empties planExecution when its status is set to a terminal
 * one (instance_admission.go:315-319, tried). The tests make it fail when another run is under way by now;
 * the annotation tells whose decision it was.
 *
 * @param by who gave it up, `commit abc1234` or a command
 * @param annotations written with it
 */
export function abandonPatch(
  observed: Instance,
  runningUid: string,
  by: string,
  annotations: Readonly<Record<string, string>> = {},
): unknown[] {
  const all = { ...annotations, [ANNOTATION.abandoned]: `${runningUid} ${by}` };
  return [
    { op: 'test', path: '/metadata/uid', value: observed.metadata.uid },
    { op: 'test', path: '/spec/planExecution/uid', value: runningUid },
    { op: 'add', path: '/spec/planExecution/status', value: 'FATAL_ERROR' },
    ...(observed.metadata.annotations === undefined
      ? [{ op: 'add', path: '/metadata/annotations', value: {} }]
      : []),
    ...Object.entries(all).map(([name, value]) => ({
      op: 'add',
      path: `/metadata/annotations/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      value,
    })),
  ];
}
