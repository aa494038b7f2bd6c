import { serveWorker } from '../lib/serve-worker.ts';
import { renderTemplate, type RenderQuestion } from './render-template.ts';

/** Expands templates of others: a regular expression in one may take for ever, and only a thread can be ended. */
serveWorker(({ name, text, variables }: RenderQuestion) =>
  renderTemplate(name, text, variables, { now: () => new Date(), random: Math.random }),
);
