import { BoundedWorker } from '../lib/bounded-worker.ts';
import { Failure } from '../lib/failure.ts';
import type { Scope } from '../lib/scope.ts';
import type { Rendering, RenderQuestion } from '../kudo/render-template.ts';
import type { RenderTemplate } from './task-context.ts';

/** Steps and output are bounded by the renderer itself; these bounds are for what it cannot count, such as a regular expression. */
const BOUNDS = { timeoutMs: 10_000, maxHeapMb: 256 };

/** Expands templates of strangers in a thread of its own; one that never ends is stopped, and said so. */
export interface BoundedRenderer {
  readonly render: RenderTemplate;
  close(): Promise<void>;
}

/** @param workerFile the built `render.worker.js` */
export function boundedRenderer(
  workerFile: string,
  scope: Scope,
  bounds = BOUNDS,
): BoundedRenderer {
  const worker = new BoundedWorker<RenderQuestion, Rendering>(workerFile, bounds);
  return {
    render: async (name, text, variables) => {
      try {
        return await worker.ask({ name, text, variables }, scope);
      } catch (thrown) {
        scope.signal.throwIfAborted();
        if (!(thrown instanceof Failure)) throw thrown;
        return { ok: false, message: `template ${name}: ${thrown.message}`, line: 1, column: 1 };
      }
    },
    close: () => worker.close(),
  };
}
