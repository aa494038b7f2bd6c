import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startApiServer, type SandboxApiServer } from '../../src/sandbox/api-server.ts';
import { CRDS, databases } from './kube-fixtures.ts';
import { RawKubeClient } from './raw-kube-client.ts';
import { liveScope } from './scope.ts';

/** The sandbox's API server, for one test. */
export interface SandboxRound {
  readonly server: SandboxApiServer;
  readonly kube: RawKubeClient;
  /** A namespace that no other test has. */
  readonly ns: string;
  /** Paths of its Databases and of its ConfigMaps. */
  readonly dbs: string;
  readonly maps: string;
}

/** Starts one API server, which knows Databases, for the calling file; each test has a namespace of its own. */
export function sandboxRounds(): SandboxRound {
  let started: { readonly server: SandboxApiServer; readonly kube: RawKubeClient } | undefined;
  let round = 0;
  const running = () => {
    if (!started) throw new Error('the server starts before the first test, not earlier');
    return started;
  };
  const ns = (): string => `round-${round}`;
  beforeAll(async () => {
    const server = await startApiServer({}, liveScope());
    started = { server, kube: new RawKubeClient(server) };
    await started.kube.post(CRDS, databases());
  });
  afterAll(async () => {
    running().kube.close();
    await running().server.stop();
  });
  beforeEach(async () => {
    running().server.setFaults(undefined);
    round += 1;
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ns() } };
    await running().kube.post('/api/v1/namespaces', body);
  });
  return {
    get server() {
      return running().server;
    },
    get kube() {
      return running().kube;
    },
    get ns() {
      return ns();
    },
    get dbs() {
      return `/apis/example.org/v1/namespaces/${ns()}/databases`;
    },
    get maps() {
      return `/api/v1/namespaces/${ns()}/configmaps`;
    },
  };
}
