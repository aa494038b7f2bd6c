import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Passes webhooks on to the service and remembers when they came. */
export interface HookRelay {
  readonly url: string;
  /** When the first delivery after `since` came, epoch milliseconds. */
  readonly arrivedAfter: (since: number) => number | undefined;
  readonly close: () => Promise<void>;
}

export async function startHookRelay(target: string): Promise<HookRelay> {
  const arrivals: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      arrivals.push(Date.now());
      const headers = Object.entries(request.headers).filter(
        ([name]) => !['host', 'connection', 'content-length'].includes(name),
      ) as [string, string][];
      const body = Buffer.concat(chunks);
      fetch(target, { method: 'POST', headers, body }).then(
        (answer) => response.writeHead(answer.status).end(),
        () => response.writeHead(502).end(),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    arrivedAfter: (since) => arrivals.find((at) => at >= since),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
