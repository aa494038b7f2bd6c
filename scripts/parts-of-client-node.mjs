// What a kubeconfig of the Kubernetes client takes from its generated code, without the models of all objects.
export { createConfiguration } from '@kubernetes/client-node/dist/gen/configuration.js';
export { ServerConfiguration } from '@kubernetes/client-node/dist/gen/servers.js';
