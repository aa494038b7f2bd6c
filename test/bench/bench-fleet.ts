/** A repository with `count` Instances of a small operator whose plans make one ConfigMap each. */
export function benchFleet(count: number): Readonly<Record<string, string>> {
  const instances = names(count).map((name) => [fileOf(name), instanceText(name, 1)] as const);
  return {
    'operators/bench/operator.yaml': OPERATOR,
    'operators/bench/params.yaml': PARAMETERS,
    'operators/bench/templates/config.yaml': CONFIG,
    ...Object.fromEntries(instances),
  };
}

/** Names of the Instances. */
export function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `bench-${String(index).padStart(4, '0')}`);
}

export const fileOf = (name: string): string => `shop/${name}.yaml`;

/** The file of one Instance; another `size` is a parameter change that runs plan `update`. */
export function instanceText(name: string, size: number): string {
  return `apiVersion: kudo.dev/v1beta1
kind: Instance
metadata:
  name: ${name}
spec:
  operatorVersion:
    name: bench-1.0.0
  parameters:
    SIZE: ${String(size)}
`;
}

const OPERATOR = `apiVersion: kudo.dev/v1beta1
name: bench
operatorVersion: 1.0.0
kubernetesVersion: 1.22.0
kudoVersion: 0.19.0
maintainers: []
tasks:
  - name: config
    kind: Apply
    spec:
      resources:
        - config.yaml
plans:
  deploy: &plan
    strategy: serial
    phases:
      - name: main
        strategy: serial
        steps:
          - name: config
            tasks:
              - config
  update: *plan
`;

const PARAMETERS = `apiVersion: kudo.dev/v1beta1
parameters:
  - name: SIZE
    description: A number that a plan writes down.
    type: integer
    default: 0
    trigger: update
`;

const CONFIG = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Name }}
data:
  size: "{{ .Params.SIZE }}"
`;
