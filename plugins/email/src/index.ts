export { email } from './plugin.ts';
export { composeMessage, messageIdOf, type SendConfig } from './message.ts';
