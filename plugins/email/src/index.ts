export { email } from './plugin.ts';
export { composeMessage, type SendConfig } from './message.ts';
