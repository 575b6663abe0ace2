import { describeStore } from '../contract/index.ts';
import { createMemoryStore } from './index.ts';

const store = createMemoryStore();

describeStore('in memory', () => Promise.resolve(store));
