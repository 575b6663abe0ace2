export { sms } from './plugin.ts';
export { countParts } from './parts.ts';
