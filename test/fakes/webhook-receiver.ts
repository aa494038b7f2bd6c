import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedWebhook {
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
}

/** Collects what is delivered to it. */
export class WebhookReceiver {
  readonly deliveries: ReceivedWebhook[] = [];
  readonly #refusals: number[];
  #wake: () => void = () => undefined;
  #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const refusal = this.#refusals.shift();
      if (refusal === undefined) {
        this.deliveries.push({
          header: (name) => request.headers[name]?.toString(),
          body: Buffer.concat(chunks),
        });
      }
      response.writeHead(refusal ?? 200).end();
      this.#wake();
    });
  });

  /** The first deliveries are answered with `refusals` and not kept. */
  constructor(refusals: readonly number[] = []) {
    this.#refusals = [...refusals];
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  /** Resolves when `count` deliveries have been kept. */
  async seen(count: number): Promise<void> {
    while (this.deliveries.length < count) {
      // oxlint-disable-next-line no-await-in-loop
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
