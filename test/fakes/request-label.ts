const KUBE_PATH =
  /^\/(?:api\/v1(?!\/(?:repos|user)\b)|apis\/[^/]+\/[^/]+)\/(?:namespaces\/[^/]+\/)?([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/;
const FORGE_PATH = /^\/api\/v1\/(?:repos\/[^/]+\/[^/]+\/?)?(.*)$/;

/** What a request of the service does, without the names in it. */
export function labelOf(method: string, target: string, body: Buffer): string {
  const { pathname, searchParams } = new URL(target, 'http://host');
  if (pathname.endsWith('/info/refs')) return 'git info/refs';
  if (pathname.endsWith('/git-upload-pack')) {
    return body.toString('latin1').includes('command=ls-refs') ? 'git ls-refs' : 'git fetch';
  }
  const kube = KUBE_PATH.exec(pathname);
  if (kube) return kubeLabel(method, kube, searchParams.has('watch'));
  const [, path = pathname] = FORGE_PATH.exec(pathname) ?? [];
  const isPreview = method === 'POST' && /"context":"[^"]*preview/.test(body.toString());
  return `${method} forge ${withoutNames(path)}${isPreview ? ' (preview)' : ''}`;
}

function kubeLabel(method: string, match: RegExpExecArray, isWatch: boolean): string {
  const [, plural = '', name, subresource] = match;
  const what = subresource === undefined ? plural : `${plural}/${subresource}`;
  if (method !== 'GET') return `${method} ${what}`;
  if (isWatch) return `WATCH ${what}`;
  return name === undefined ? `LIST ${what}` : `GET ${what}`;
}

/** `statuses/<sha>` and `issues/7/comments` without what differs from commit to commit. */
function withoutNames(path: string): string {
  return path.replaceAll(/\/(?:[0-9a-f]{7,40}|\d+)(?=\/|$)/g, '/*');
}
