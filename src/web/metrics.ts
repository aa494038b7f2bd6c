import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { WebWorld } from './web-world.ts';

/** Prometheus metrics of the service; values are read when they are asked for. */
export interface Metrics {
  /** Text in Prometheus' exposition format. */
  text(): Promise<string>;
  readonly contentType: string;
  webhook(result: 'accepted' | 'refused'): void;
}

export function createMetrics({ caches, queueDepth }: WebWorld): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = gaugeIn(registry);
  const webhooks = new Counter({
    name: 'kudo_gitops_webhooks_total',
    help: 'Webhook deliveries by result',
    labelNames: ['result'],
    registers: [registry],
  });
  for (const result of ['accepted', 'refused']) webhooks.inc({ result }, 0);
  gauge('kudo_gitops_queue_depth', 'Keys waiting or being worked on', () => [[{}, queueDepth()]]);
  gauge('kudo_gitops_sync_ready', '1 when the condition Ready of a Sync is True', () =>
    caches.syncs
      .list()
      .map(({ metadata, status }) => [
        { namespace: metadata.namespace ?? '', sync: metadata.name },
        status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True')
          ? 1
          : 0,
      ]),
  );
  gauge('kudo_gitops_rollouts', 'Rollouts kept, by phase', () => {
    const counts = new Map<string, number>();
    for (const { status } of caches.rollouts.list()) {
      const phase = status?.phase ?? 'progressing';
      counts.set(phase, (counts.get(phase) ?? 0) + 1);
    }
    return [...counts].map(([phase, count]) => [{ phase }, count]);
  });
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    webhook: (result) => {
      webhooks.inc({ result });
    },
  };
}

type Sample = readonly [Readonly<Record<string, string>>, number];

/** A gauge whose values are read at each scrape. */
function gaugeIn(registry: Registry) {
  return (name: string, help: string, read: () => readonly Sample[]): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      labelNames: ['namespace', 'sync', 'phase'],
      registers: [registry],
      collect: () => {
        made.reset();
        for (const [labels, value] of read()) made.set({ ...labels }, value);
      },
    });
  };
}
