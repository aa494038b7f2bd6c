import type * as z from 'zod';
import { cronProblem, isTimeZone, timeZones } from '../lib/cron-times.ts';
import type { DesiredPlan, DesiredPlanRun, DesiredPlanSchedule } from '../model/desired.ts';
import type { PlanScheduleSpec } from '../model/plan-schedule.ts';
import { checkMetadata } from './check-name.ts';
import { PlanRunShape, PlanScheduleShape } from './object-shapes.ts';
import type { ProblemList } from './problem-list.ts';
import { checkShape } from './shape-problems.ts';
import { keyPosition, valuePosition, type SourceDocument } from './source-document.ts';
import { suggestionHint } from './suggest.ts';

/** A PlanRun document; undefined when something in it is wrong, which `problems` then names. */
export function readPlanRun(
  document: SourceDocument,
  targetNamespace: string,
  problems: ProblemList,
): DesiredPlanRun | undefined {
  const shaped = checkShape(document, PlanRunShape, problems);
  if (!shaped || !checkMetadata(document, shaped.metadata, problems)) return undefined;
  return toDesiredPlan(document, shaped, targetNamespace);
}

/** A PlanSchedule document. */
export function readPlanSchedule(
  document: SourceDocument,
  targetNamespace: string,
  problems: ProblemList,
): DesiredPlanSchedule | undefined {
  const shaped = checkShape(document, PlanScheduleShape, problems);
  if (!shaped || !checkMetadata(document, shaped.metadata, problems)) return undefined;
  return checkTimes(document, shaped.spec, problems)
    ? toDesiredPlan(document, shaped, targetNamespace)
    : undefined;
}

function checkTimes(
  document: SourceDocument,
  { schedule, timeZone }: PlanScheduleSpec,
  problems: ProblemList,
): boolean {
  const before = problems.errors;
  const why = cronProblem(schedule);
  if (why !== undefined) {
    problems.error(valuePosition(document, ['spec', 'schedule']), {
      id: 'invalid-cron',
      message: `${JSON.stringify(schedule)} is no cron expression: ${why}`,
      hint: 'write minute, hour, day, month and weekday, such as "0 3 * * 1-5", or @daily',
    });
  }
  if (!isTimeZone(timeZone)) {
    problems.error(valuePosition(document, ['spec', 'timeZone']), {
      id: 'unknown-time-zone',
      message: `there is no time zone ${JSON.stringify(timeZone)}`,
      hint: suggestionHint(timeZone, timeZones()) ?? 'write an IANA name such as Europe/Berlin',
    });
  }
  return problems.errors === before;
}

function toDesiredPlan<Spec extends { readonly instance: string; readonly plan: string }>(
  document: SourceDocument,
  { metadata, spec }: { readonly metadata: Metadata; readonly spec: Spec },
  targetNamespace: string,
): DesiredPlan<Spec> {
  const { name, namespace = targetNamespace, labels, annotations } = metadata;
  return {
    key: `${namespace}/${name}`,
    namespace,
    name,
    spec,
    labels: labels ?? {},
    annotations: annotations ?? {},
    position: keyPosition(document, ['metadata', 'name']),
    instancePosition: valuePosition(document, ['spec', 'instance']),
    planPosition: valuePosition(document, ['spec', 'plan']),
  };
}

type Metadata = z.infer<typeof PlanRunShape>['metadata'];
