/** Which task of which plan run of which Instance; KUDO's renderer.Metadata (renderer/engine.go:17-26). */
export interface TaskPlace {
  readonly namespace: string;
  readonly instanceName: string;
  readonly operatorName: string;
  /** `spec.version` of the OperatorVersion, not its object name. */
  readonly operatorVersion: string;
  readonly appVersion: string;
  readonly planName: string;
  readonly planUid: string;
  readonly phaseName: string;
  readonly stepName: string;
  readonly taskName: string;
}

/** An error that KUDO never retries; it ends the plan run as FATAL_ERROR. `event` is the reason of the Event. */
export class FatalExecution extends Error {
  override readonly name = 'FatalExecution';
  readonly event: string;

  constructor(event: string, message: string) {
    super(message);
    this.event = event;
  }
}

/** A fatal error in KUDO's words: where it happened, then the cause (task/task.go:175-188, engine/types.go:37). */
export function fatalAt(place: TaskPlace, event: string, cause: string): FatalExecution {
  const where = [place.planName, place.phaseName, place.stepName, place.taskName].join('.');
  return new FatalExecution(
    event,
    `Error during execution: fatal error: ${place.namespace}/${place.instanceName} failed in ${where}: ${cause}`,
  );
}
