import type { Actor, FieldValidation, Target } from './api-context.ts';
import { badRequest, invalid, unsupportedMediaType } from './api-error.ts';
import { decodeProtobuf } from './protobuf-decode.ts';
import type { WatchSink, Watch } from './watch-objects.ts';

/** A request after authentication. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string;
  /** Without parameters, in lower case. */
  readonly contentType: string;
  readonly userAgent: string;
  readonly userName: string;
  readonly body: Buffer;
}

/** A request for a resource with everything parsed. */
export interface Call {
  readonly request: ApiRequest;
  readonly target: Target;
  readonly actor: Actor;
  readonly body: unknown;
}

/** An answer: a text, or a stream of events that goes on until one side ends it. */
export type ApiAnswer =
  | {
      readonly kind: 'text';
      readonly code: number;
      readonly text: string;
      readonly contentType?: string;
      readonly warnings?: readonly string[];
    }
  | {
      readonly kind: 'watch';
      readonly timeoutMs: number;
      readonly start: (sink: WatchSink) => Watch;
    };

/** A JSON answer. */
export function json(code: number, document: object, warnings: readonly string[] = []): ApiAnswer {
  return { kind: 'text', code, text: JSON.stringify(document), warnings };
}

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** The body, from JSON or protobuf; throws 415 for other formats. */
export function parseBody({ body, contentType }: ApiRequest): unknown {
  if (body.length === 0) return undefined;
  if (contentType === PROTOBUF) return decodeProtobuf(body);
  const isJson =
    contentType === '' || contentType === 'application/json' || contentType.endsWith('+json');
  if (!isJson) throw unsupportedMediaType(['application/json']);
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw badRequest('the body of the request is no valid JSON');
  }
}

const MAX_MANAGER = 128;

/** Who sent the request and how it wants it carried out. */
export function actorOf({ query, userAgent, userName }: ApiRequest, warn: Actor['warn']): Actor {
  const manager = query.get('fieldManager') ?? userAgent.split('/')[0] ?? '';
  return {
    userName,
    fieldManager: (manager === '' ? 'unknown' : manager).slice(0, MAX_MANAGER),
    dryRun: parseDryRun(query),
    fieldValidation: parseFieldValidation(query.get('fieldValidation')),
    warn,
  };
}

function parseDryRun(query: URLSearchParams): boolean {
  const values = query.getAll('dryRun');
  const wrong = values.find((value) => value !== 'All' && value !== '');
  if (wrong !== undefined) {
    const message = `Unsupported value: ["${wrong}"]: supported values: "All"`;
    const cause = { reason: 'FieldValueNotSupported', message, field: 'dryRun' } as const;
    throw invalid({ group: 'meta.k8s.io', kind: 'WriteOptions', name: '' }, [cause]);
  }
  return values.includes('All');
}

function parseFieldValidation(value: string | null): FieldValidation {
  if (value === null || value === '') return 'Warn';
  if (value === 'Strict' || value === 'Warn' || value === 'Ignore') return value;
  throw badRequest(
    `fieldValidation: Unsupported value: "${value}": supported values: "Ignore", "Strict", "Warn"`,
  );
}
