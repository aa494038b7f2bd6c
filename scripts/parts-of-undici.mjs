// What the Kubernetes client's kubeconfig takes from undici, without its WebSocket, cache, mocks and own fetch.
export { default as Agent } from 'undici/lib/dispatcher/agent.js';
export { default as ProxyAgent } from 'undici/lib/dispatcher/proxy-agent.js';
export const { fetch } = globalThis;
