import type { Problem } from '../model/problem.ts';
import { finding } from './lint-findings.ts';
import { operatorPlace, type PackageView } from './lint-package-view.ts';

/** What operator.yaml says of the package as a whole: its name and versions. */
export function lintOperator(view: PackageView): Problem[] {
  return [...nameFindings(view), ...versionFindings(view)];
}

const OBJECT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Names of Operator and OperatorVersion are RFC 1123 subdomains. */
function nameFindings({ source, version }: PackageView): Problem[] {
  const { name, operatorVersion } = source.operator;
  if (name === '' || operatorVersion === '') return [];
  const names = [name, version.metadata.name];
  const wrong = names.find((text) => text.length > 253 || !OBJECT_NAME.test(text));
  if (wrong === undefined) return [];
  const kind = wrong === name ? 'Operator' : 'OperatorVersion';
  const message = `${JSON.stringify(wrong)} cannot be the name of an ${kind}`;
  return [finding('operator-name', operatorPlace(source, ['name']), message)];
}

/** Versions as Masterminds' semver reads them, which KUDO uses: minor and patch may be missing. */
const SEMVER =
  /^v?\d+(\.\d+)?(\.\d+)?(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

function versionFindings({ source }: PackageView): Problem[] {
  const found: Problem[] = [];
  for (const field of [
    'operatorVersion',
    'appVersion',
    'kubernetesVersion',
    'kudoVersion',
  ] as const) {
    const text = source.operator[field];
    const place = operatorPlace(source, [field]);
    if (text.trim() === '') {
      if (field === 'kubernetesVersion')
        found.push(finding('version-missing', place, `${field} is missing`));
    } else if (!SEMVER.test(text)) {
      const message = `${field} ${JSON.stringify(text)} is not a semantic version`;
      found.push(finding('version-not-semver', place, message));
    }
  }
  return found;
}
