import { serveWorker } from '../lib/serve-worker.ts';
import { renderTemplate, type Rendering, type RenderQuestion } from './render-template.ts';

/** Expands templates of others: a regular expression in one may take for ever, and only a thread can be ended. */
serveWorker<RenderQuestion, Rendering>(({ name, text, variables }) =>
  renderTemplate(name, text, variables, { now: () => new Date(), random: Math.random }),
);
