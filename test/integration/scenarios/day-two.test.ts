import { playOnSandbox } from '../../fakes/sandbox-scenario.ts';

playOnSandbox('day-two');
