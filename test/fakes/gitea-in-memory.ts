import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenStatus {
  readonly commit: string;
  readonly context: string;
  readonly state: string;
  readonly description: string;
  readonly target_url: string;
}

/** Commit statuses as Gitea takes and shows them, on loopback; down when a test says so. */
export class GiteaInMemory {
  isDown = false;
  /** A commit that it does not have. */
  unknown = '';
  calls = 0;
  readonly statuses: SeenStatus[] = [];
  readonly #server = createServer((request, response) => {
    void this.#answer(request, response);
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  reset(): void {
    this.isDown = false;
    this.unknown = '';
    this.calls = 0;
    this.statuses.splice(0);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.calls += 1;
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const commit = /[0-9a-f]{40}/.exec(request.url ?? '')?.[0] ?? '';
    if (this.isDown) {
      response.writeHead(503).end('{}');
      return;
    }
    if (commit === this.unknown) {
      response.writeHead(404).end('{}');
      return;
    }
    if (request.method === 'POST') {
      this.statuses.push({ commit, ...(JSON.parse(text) as Omit<SeenStatus, 'commit'>) });
    }
    const newest = new Map(
      this.statuses
        .filter((status) => status.commit === commit)
        .map(({ state: status, ...rest }) => [rest.context, { ...rest, status }]),
    );
    const isFirst = !/page=(?!1\b)/.test(request.url ?? '');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ statuses: isFirst ? [...newest.values()] : [] }));
  }
}
