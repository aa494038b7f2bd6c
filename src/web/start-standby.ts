import { Hono } from 'hono';
import { serveApp, type WebServer } from './serve-app.ts';

/** What answers while another service works: alive, but not ready, so that no webhook ends here. */
export async function startStandby(address: string): Promise<WebServer> {
  const app = new Hono();
  app.get('/healthz', (context) => context.text('ok\n'));
  app.all('*', (context) => context.text('another service works; this one stands by\n', 503));
  return serveApp(address, app);
}
