import { runProgram } from './commands/program.ts';
import { processContext } from './wire.ts';

// Together with wire.ts the only file that touches `process`.
const { context, ended } = processContext();
await runProgram(process.argv, context);
ended();
