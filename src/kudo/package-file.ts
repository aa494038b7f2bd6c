import type { YamlDocument } from '../lib/go-yaml.ts';
import type { Parameter, ParameterType, Plan, Task } from './objects.ts';

/** operator.yaml as KUDO's reader holds it: text is empty, lists null when absent. */
export interface OperatorFile {
  readonly apiVersion: string;
  readonly name: string;
  readonly description: string;
  readonly operatorVersion: string;
  readonly appVersion: string;
  readonly kudoVersion: string;
  readonly kubernetesVersion: string;
  readonly maintainers:
    readonly ({ readonly name: string; readonly email: string } | null)[] | null;
  readonly url: string;
  readonly tasks: readonly Task[] | null;
  readonly plans: Readonly<Record<string, Plan>> | null;
  readonly namespaceManifest: string;
}

/** A parameter of params.yaml; `required` and `immutable` have KUDO's defaults true and false. */
export interface PackageParameter extends Pick<Parameter, 'name' | 'trigger'> {
  readonly displayName: string;
  readonly description: string;
  readonly required: boolean;
  readonly default: unknown;
  readonly trigger: string;
  readonly type: ParameterType | '';
  readonly immutable: boolean;
  readonly enum: readonly unknown[] | null;
  readonly group: string;
  readonly advanced: boolean | null;
  readonly hint: string;
}

export interface ParameterGroup {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly prio: number;
}

/** params.yaml as KUDO's reader holds it. */
export interface ParamsFile {
  readonly apiVersion: string;
  readonly groups: readonly ParameterGroup[] | null;
  readonly parameters: readonly PackageParameter[] | null;
}

/** The parts of a package as written, with the places of everything in its two YAML files. */
export interface PackageSource {
  readonly operator: OperatorFile;
  readonly params: ParamsFile;
  /** Template texts by their names in tasks. */
  readonly templates: Readonly<Record<string, string>>;
  /** The path in the package of each template. */
  readonly templateFiles: Readonly<Record<string, string>>;
  readonly operatorDocument: YamlDocument;
  readonly paramsDocument: YamlDocument | undefined;
}
