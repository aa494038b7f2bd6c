import type { FailureKind } from '../lib/failure.ts';
import type { LogFields, LogLevel } from '../lib/log.ts';
import type { Scope } from '../lib/scope.ts';
import type { GitSource } from './git-source.ts';

export type GitOperation = Exclude<keyof GitSource, 'close'>;

/** The parameters of an operation without the scope, which does not cross threads. */
export type GitArguments<O extends GitOperation> =
  Parameters<GitSource[O]> extends [...infer Rest, Scope] ? Rest : never;

export type GitResult<O extends GitOperation> = Awaited<ReturnType<GitSource[O]>>;

/** From the main thread to the worker. */
export type WorkerRequest =
  | { readonly id: number; readonly operation: GitOperation; readonly args: readonly unknown[] }
  | { readonly cancel: number };

/** From the worker to the main thread. */
export type WorkerAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: WorkerFailure }
  | { readonly id: number; readonly bug: Error }
  | { readonly level: LogLevel; readonly message: string; readonly fields: LogFields };

/** A Failure without its cause. */
export interface WorkerFailure {
  readonly kind: FailureKind;
  readonly message: string;
  readonly hint: string | undefined;
  readonly retryAfterMs: number | undefined;
}
