import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A forge's API at another address, where it can be away, or take no token. */
export interface ForgeSwitch {
  readonly url: string;
  /** Answers instead of the forge; undefined lets everything pass. */
  status: number | undefined;
  /** How many requests it answered so. */
  readonly refused: () => number;
  readonly close: () => void;
}

export async function startForgeSwitch(forge: string): Promise<ForgeSwitch> {
  let refused = 0;
  const server = http.createServer((request, response) => {
    const { status } = made;
    if (status !== undefined) {
      refused += 1;
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: 'the switch is off' }));
      return;
    }
    const { method, url = '', headers } = request;
    const target = new URL(url, forge);
    const passed = http.request(target, { method, headers: { ...headers, host: target.host } });
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const made: ForgeSwitch = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    status: undefined,
    refused: () => refused,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return made;
}
