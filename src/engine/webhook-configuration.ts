import { kudoWebhook } from '../cluster/kudo-install.ts';
import type { KubeObject } from '../model/kube-object.ts';

/** The path at which KUDO's manager, and this engine, answer admission reviews. */
export const ADMISSION_PATH = '/admit-kudo-dev-v1beta1-instance';

/**
 * The registration of the engine's admission webhook at `url`, or behind KUDO's Service when there is
 * none. `caBundle` is the PEM that the API server is to trust there.
 */
export function webhookConfiguration(target: {
  readonly url?: string;
  readonly caBundle: string;
}): KubeObject {
  const { url, caBundle } = target;
  return kudoWebhook({ caPem: caBundle, ...(url !== undefined && { url }) });
}
