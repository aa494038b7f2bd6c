import pino, { type DestinationStream } from 'pino';
import { redactText } from './redact.ts';

export type LogFields = Readonly<Record<string, unknown>>;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * One JSON object a line. `message` is a constant, so that lines can be counted and grouped;
 * whatever varies goes in `fields`.
 */
export interface Logger extends Record<LogLevel, (message: string, fields?: LogFields) => void> {
  /** A logger that adds `fields` to each line. */
  with(fields: LogFields): Logger;
}

/** A logger that writes JSON lines to `destination`; fields named like secrets and credentials in URLs are redacted. */
export function jsonLogger(destination: DestinationStream, level: LogLevel = 'info'): Logger {
  return wrap(
    pino(
      { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' },
      destination,
    ),
  );
}

function wrap(inner: pino.Logger): Logger {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    inner[level](redactFields(fields ?? {}), message);
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => wrap(inner.child(redactFields(fields))),
  };
}

const SECRET_NAME = /token|secret|password|authorization|privatekey/i;

function redactFields(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, redactField(name, value)]),
  );
}

function redactField(name: string, value: unknown): unknown {
  if (SECRET_NAME.test(name)) return '[redacted]';
  if (typeof value === 'string') return redactText(value);
  if (value instanceof Error) return { name: value.name, message: redactText(value.message) };
  if (Array.isArray(value)) return value.map((item: unknown) => redactField('', item));
  if (typeof value === 'object' && value !== null) return redactFields(value as LogFields);
  return value;
}
