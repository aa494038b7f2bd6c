import ts from 'typescript';

/** The schema of a type of ours, in the form of a CRD: its fields, which of them must be there, and their types. */
export function schemaOfInterface(file: string, name: string): object {
  const program = ts.createProgram([file], {
    strict: true,
    exactOptionalPropertyTypes: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  const symbol = module && checker.getExportsOfModule(module).find((one) => one.name === name);
  if (!symbol) throw new Error(`no type ${name} in ${file}`);
  return schemaOfType(checker.getDeclaredTypeOfSymbol(symbol), checker);
}

function schemaOfType(given: ts.Type, checker: ts.TypeChecker): object {
  const type = checker.getNonNullableType(given);
  if (type.flags & ts.TypeFlags.StringLike) return { type: 'string' };
  if (type.flags & ts.TypeFlags.NumberLike) return { type: 'integer' };
  if (type.flags & ts.TypeFlags.BooleanLike) return { type: 'boolean' };
  if (type.isUnion()) {
    const literals = type.types.map((one) => (one.isStringLiteral() ? one.value : '?'));
    return { type: 'string', enum: literals };
  }
  const items = checker.isArrayLikeType(type)
    ? checker.getIndexInfoOfType(type, ts.IndexKind.Number)
    : undefined;
  if (items) return { type: 'array', items: schemaOfType(items.type, checker) };
  const values = checker.getIndexInfoOfType(type, ts.IndexKind.String);
  if (values) return { type: 'object', additionalProperties: schemaOfType(values.type, checker) };
  return schemaOfFields(type, checker);
}

function schemaOfFields(type: ts.Type, checker: ts.TypeChecker): object {
  const fields = checker.getPropertiesOfType(type);
  const required = fields
    .filter((field) => !(field.flags & ts.SymbolFlags.Optional))
    .map((field) => field.name);
  return {
    type: 'object',
    properties: Object.fromEntries(
      fields.map((field) => [field.name, schemaOfType(checker.getTypeOfSymbol(field), checker)]),
    ),
    ...(required.length > 0 ? { required } : {}),
  };
}
