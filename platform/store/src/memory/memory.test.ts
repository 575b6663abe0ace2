import { describeStore } from '../store-contract.ts';
import { createMemoryStore } from './index.ts';

const store = createMemoryStore();

describeStore('in memory', () => Promise.resolve(store));
