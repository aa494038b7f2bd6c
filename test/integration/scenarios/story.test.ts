import { playOnSandbox } from '../../fakes/sandbox-scenario.ts';

playOnSandbox('story');
